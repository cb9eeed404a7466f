// SPDX-License-Identifier: Apache-2.0
// A kernel interface in the manner of NT, as small as the drivers of this folder need it.
#pragma once
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
#if defined(_M_X64) || defined(__x86_64__)
typedef unsigned long long uptr;
#define WIDE 1
#else
typedef unsigned int uptr;
#define WIDE 0
#endif
#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif
#ifdef __GNUC__
#define NOINLINE __attribute__((noinline))
#define NORETURN __attribute__((noreturn))
#define COLD __attribute__((cold))
#else
#define NOINLINE __declspec(noinline)
#define NORETURN __declspec(noreturn)
#define COLD
#endif
#define STD __stdcall
#define FAST __fastcall
#define CDE __cdecl
#ifdef KERNEL
#define NTAPI EXTERN_C __declspec(dllexport)
#else
#define NTAPI EXTERN_C __declspec(dllimport)
#endif

struct Device;
struct Request;
typedef u32 (STD *Dispatch)(struct Device *, struct Request *);
typedef u32 (STD *Completion)(struct Device *, struct Request *, void *);
typedef u32 (STD *Callback)(void *, u32);
typedef struct Driver { u16 type, size; struct Device *devices; void *extension; Dispatch major[8]; } Driver;
typedef struct Device { u16 type, size; Driver *driver; struct Device *lower; void *extension; u32 number; } Device;
typedef struct Location { u8 major, minor, flags, control; uptr parameters[4]; Device *device; Completion completion; void *context; } Location;
typedef struct Request { u16 type, size; Location *at; u32 status; uptr information; u32 pending, left; Location places[10]; } Request;
typedef struct Meter { int depth, cap, denied, slack; u32 seed; } Meter;
typedef struct Text { u16 length, maximum; u16 *buffer; } Text;

NTAPI Meter KeMeter;
NTAPI u8 *MmPagedViews[64];
NTAPI u32 FAST IofCallDriver(Device *device, Request *request);
NTAPI void FAST IofCompleteRequest(Request *request, int boost);
NTAPI Request *STD IoBuildRequest(Device *device, u32 major, uptr first, uptr second);
NTAPI void STD IoReleaseRequest(Request *request);
NTAPI Device *STD IoDeviceByNumber(u32 number);
NTAPI Device *STD IoCreateDevice(Driver *driver, uptr extension, Device *lower);
NTAPI void *STD ExAllocatePool(u32 kind, uptr size, u32 tag);
NTAPI void STD ExFreePool(void *block);
NTAPI u32 STD ExForEach(void *const *table, u32 count, Callback each, void *context);
NTAPI u32 STD KeSynchronize(void *lock, Callback body, void *context, u32 argument);
NTAPI u32 STD KeUserlessCallout(Callback body, void *context, uptr size);
NTAPI u32 CDE DbgNote(u32 level, const char *format, ...);
NTAPI u32 STD RtlHashBytes(const void *bytes, u32 count);
NTAPI u32 STD RtlTouch(void *bytes, u32 count);
NTAPI u32 FAST RtlMix(u32 a, u32 b);
NTAPI NORETURN void STD ExRaise(u32 status, Callback handler, void *context);
NTAPI u32 STD CcTouchView(u32 view, u32 offset);
NTAPI u32 STD ZwOpenThing(Text *name, u32 access, uptr options, uptr *handle, u32 share, void *buffer);
NTAPI u32 STD ZwTransfer(uptr handle, void *buffer, u32 length);
NTAPI u32 STD ZwControl(uptr handle, u32 code, void *in, u32 inSize, void *out, u32 outSize, u32 *returned, uptr flags, uptr event, uptr context);
NTAPI u32 STD ZwForget(uptr handle);
#ifndef KERNEL
EXTERN_C void *CDE memset(void *, int, uptr);
#endif

static __inline u32 Draw(void) { KeMeter.seed = KeMeter.seed * 1664525u + 1013904223u; return KeMeter.seed >> 9; }
static __inline int Deeper(void) {
  if (KeMeter.depth < KeMeter.cap) return 1;
  if (++KeMeter.denied >= KeMeter.slack) { KeMeter.denied = 0; KeMeter.cap++; }
  return 0;
}
