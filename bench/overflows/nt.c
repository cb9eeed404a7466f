// SPDX-License-Identifier: Apache-2.0
// The portable part of the kernel.
#define KERNEL 1
#include "nt.h"
#define EXPORT __declspec(dllexport)

EXPORT Meter KeMeter;
EXPORT u8 *MmPagedViews[64];
typedef struct Pool { u8 *base, *next, *end; } Pool;
EXPORT Pool ExpPool;
EXPORT Device *IopDevices[64];
EXPORT u32 IopDeviceCount;
EXPORT Callback KiDeferred[32];
EXPORT void *KiDeferredContext[32];
EXPORT u32 KiDeferredCount;
static u32 ObpTable[64];

#pragma function(memset, memcpy)
EXPORT void *CDE memset(void *to, int value, uptr count) {
  volatile u8 *at = to;
  while (count--) *at++ = (u8)value;
  return to;
}
EXPORT void *CDE memcpy(void *to, const void *from, uptr count) {
  volatile u8 *at = to; const volatile u8 *source = from;
  while (count--) *at++ = *source++;
  return to;
}
NOINLINE static u32 ExpTakeLock(u32 *lock) { u32 old = *(volatile u32 *)lock; *(volatile u32 *)lock = old + 1; return old; }
static void *ExpFree[128];
NOINLINE static void *ExpCarve(Pool *pool, uptr size) {
  u8 *block = ExpFree[size / 16 & 127];
  if (block) { ExpFree[size / 16 & 127] = *(void **)(block + 16); return block; }
  block = pool->next;
  if (block + size > pool->end) for (;;) ;
  pool->next += size;
  return block;
}
EXPORT void *STD ExAllocatePool(u32 kind, uptr size, u32 tag) {
  u32 *block;
  size = (size + 39) & ~(uptr)15;
  block = ExpCarve(&ExpPool, size);
  ExpTakeLock(&ObpTable[kind & 63]);
  block[0] = tag;
  block[1] = (u32)size / 16 & 127;
  return block + 4;
}
EXPORT void STD ExFreePool(void *block) {
  u32 *head = (u32 *)block - 4;
  head[0] = 0;
  *(void **)block = ExpFree[head[1]];
  ExpFree[head[1]] = head;
  ExpTakeLock(&ObpTable[3]);
}
EXPORT u32 STD RtlHashBytes(const void *bytes, u32 count) {
  u32 h = 5381; const u8 *p = bytes;
  while (count--) h = h * 33 ^ *p++;
  return h;
}
EXPORT u32 STD RtlTouch(void *bytes, u32 count) {
  u8 *p = bytes; u32 i, sum = 0;
  for (i = 0; i < count; i += 7) { sum += p[i]; p[i] = (u8)(sum ^ i); }
  return sum;
}
EXPORT u32 FAST RtlMix(u32 a, u32 b) { return (a ^ b * 0x9e3779b1u) + (a >> 13); }
EXPORT u32 CDE DbgNote(u32 level, const char *format, ...) {
  __builtin_va_list list; u32 sum = level; u32 scratch[12]; u32 n = 0;
  __builtin_va_start(list, format);
  for (; *format; format++)
    if (*format == '%') { scratch[n % 12] = __builtin_va_arg(list, u32); sum += scratch[n++ % 12]; }
  __builtin_va_end(list);
  return RtlHashBytes(scratch, 8) + sum;
}
EXPORT Device *STD IoDeviceByNumber(u32 number) { return IopDevices[number % IopDeviceCount]; }
EXPORT Device *STD IoCreateDevice(Driver *driver, uptr extension, Device *lower) {
  Device *device = ExAllocatePool(1, sizeof(Device) + extension, 0x20766544);
  memset(device, 0, sizeof(Device) + extension);
  device->type = 3; device->driver = driver; device->lower = lower;
  device->extension = device + 1; device->number = IopDeviceCount;
  IopDevices[IopDeviceCount++] = device;
  driver->devices = device;
  return device;
}
EXPORT Request *STD IoBuildRequest(Device *device, u32 major, uptr first, uptr second) {
  Request *r = ExAllocatePool(0, sizeof(Request), 0x20707249);
  memset(r, 0, sizeof(Request));
  r->type = 6; r->size = sizeof(Request); r->at = &r->places[9]; r->left = 9;
  r->at[-1].major = (u8)(major & 7);
  r->at[-1].parameters[0] = first; r->at[-1].parameters[1] = second;
  (void)device;
  return r;
}
EXPORT void STD IoReleaseRequest(Request *request) { ExFreePool(request); }
EXPORT u32 FAST IofCallDriver(Device *device, Request *request) {
  Location *next = --request->at;
  if (request->left-- <= 1) { request->left = 9; request->at = &request->places[8]; request->places[8] = *next; next = request->at; }
  next->device = device;
  return device->driver->major[next->major & 7](device, request);
}
EXPORT void FAST IofCompleteRequest(Request *request, int boost) {
  u32 i;
  request->pending = boost;
  for (i = 0; i < 3 && request->at < &request->places[9]; i++) {
    Location *here = request->at++;
    request->left++;
    if (here->completion) {
      Completion routine = here->completion;
      here->completion = 0;
      if (Deeper()) { KeMeter.depth++; if (routine(here->device, request, here->context) == 0xC0000016) { KeMeter.depth--; return; } KeMeter.depth--; }
    }
  }
}
EXPORT u32 STD ExForEach(void *const *table, u32 count, Callback each, void *context) {
  u32 i, sum = 0;
  for (i = 0; i < count; i++) sum ^= each(table[i] ? table[i] : context, i);
  return sum;
}
EXPORT u32 STD KeSynchronize(void *lock, Callback body, void *context, u32 argument) {
  u32 result, old = ExpTakeLock(lock);
  result = body(context, argument);
  *(volatile u32 *)lock = old;
  return result;
}
EXPORT NORETURN void STD ExRaise(u32 status, Callback handler, void *context) {
  u32 record[20]; u32 i;
  for (i = 0; i < 5; i++) record[i] = status + i;
  RtlTouch(record, 40);
  for (i = 0;; i++) if (Deeper()) { KeMeter.depth++; record[6] = handler(context, i & 7); KeMeter.depth--; }
}
EXPORT u32 STD CcTouchView(u32 view, u32 offset) {
  volatile u8 *page = MmPagedViews[view & 63];
  if (!page) return 0;
  MmPagedViews[view & 63] = 0;
  return page[offset & 0xfff];
}
static u32 MiIssueRead(uptr page, u32 kind) {
  Device *device = IoDeviceByNumber(kind ^ (u32)(page >> 12));
  Request *r = IoBuildRequest(device, 3, page, 0x1000);
  u32 status = IofCallDriver(device, r);
  IoReleaseRequest(r);
  return status;
}
NOINLINE static u32 MiDispatchFault(uptr address, u32 store, void *frame) {
  u32 list[24]; u32 status = 0;
  RtlTouch(list, 20);
  if (Deeper()) { KeMeter.depth++; status = MiIssueRead(address & ~(uptr)0xfff, store + list[3] % 3); KeMeter.depth--; }
  return status + (frame != 0);
}
EXPORT u32 STD MmAccessFault(u32 store, uptr address, u32 mode, void *frame) {
  ExpTakeLock(&ObpTable[5]);
  return MiDispatchFault(address, store | mode, frame) + 1;
}

NOINLINE static u32 ObpParse(Device *device, Text *name, u32 access, void *buffer, uptr *handle) {
  struct { u32 mask; u16 part[30]; u32 left; } walk;
  Request *r; u32 status;
  walk.mask = access; walk.left = name ? name->length : 0;
  RtlTouch(walk.part, walk.left & 31);
  r = IoBuildRequest(device, 0, (uptr)buffer, access);
  status = IofCallDriver(device, r);
  *handle = 4 + device->number * 4;
  IoReleaseRequest(r);
  return status + walk.mask;
}
NOINLINE static u32 ObpLookup(Text *name, u32 attributes, u32 access, void *buffer, uptr *handle) {
  Device *device = IoDeviceByNumber(attributes + (name ? RtlHashBytes(name, sizeof(u32)) : 0));
  ExpTakeLock(&ObpTable[access & 31]);
  if (!Deeper()) return 0xC0000022;
  KeMeter.depth++;
  attributes = ObpParse(device, name, access, buffer, handle);
  KeMeter.depth--;
  ExpTakeLock(&ObpTable[access & 31]);
  return attributes;
}
EXPORT u32 STD NtOpenThing(Text *name, u32 access, uptr options, uptr *handle, u32 share, void *buffer) {
  u32 packet[17]; u32 status; uptr local = 0;
  packet[0] = access; packet[1] = share; packet[5] = (u32)options;
  RtlTouch(packet + 2, 9);
  status = ObpLookup(name, packet[5] + Draw(), access, buffer, &local);
  if (handle) *handle = local;
  return status ^ packet[2];
}
EXPORT u32 STD NtTransfer(uptr handle, void *buffer, u32 length) {
  Device *device = IoDeviceByNumber((u32)handle / 4 + Draw() % 5);
  Request *r; u32 status = 0xC0000008;
  if (!Deeper()) return status;
  r = IoBuildRequest(device, 1 + (length & 1), (uptr)buffer, length);
  KeMeter.depth++;
  if (length & 4) status = CcTouchView(length >> 3, (u32)handle);
  status += IofCallDriver(device, r);
  KeMeter.depth--;
  IoReleaseRequest(r);
  return status;
}
NOINLINE static u32 IopControl(uptr handle, u32 code, void *in, u32 inSize, void *out, u32 outSize) {
  u8 block[60]; Device *device = IoDeviceByNumber((u32)handle + code); Request *r; u32 status;
  RtlTouch(block, 30);
  if (!Deeper()) return 1;
  r = IoBuildRequest(device, 4 + (code & 1), (uptr)in, inSize);
  KeMeter.depth++;
  status = IofCallDriver(device, r) + block[7];
  KeMeter.depth--;
  if (out && outSize > 8) IofCompleteRequest(r, 1);
  return status;
}
EXPORT u32 STD NtControl(uptr handle, u32 code, void *in, u32 inSize, void *out, u32 outSize, u32 *returned, uptr flags, uptr event, uptr context) {
  u32 status = IopControl(handle + flags, code, in, inSize, out, outSize);
  if (returned) *returned = (u32)(event + context);
  return status;
}
EXPORT u32 STD NtForget(uptr handle) {
  Device *device = IoDeviceByNumber((u32)handle);
  if (Draw() & 1) return NtTransfer(handle, device, 2);
  return ExpTakeLock(&ObpTable[handle & 15]);
}
EXPORT void *KiServiceTable[8] = {(void *)NtOpenThing, (void *)NtTransfer, (void *)NtControl, (void *)NtForget};
EXPORT u8 KiArgumentBytes[8] = {6 * sizeof(uptr), 3 * sizeof(uptr), 10 * sizeof(uptr), sizeof(uptr)};

// Work that an interrupt leaves for later, and the loop of a system thread.
EXPORT void STD KiRetireDeferred(u32 vector) {
  u32 i = vector % (KiDeferredCount ? KiDeferredCount : 1);
  if (KiDeferredCount && Deeper()) {
    KeMeter.depth++;
    KiDeferred[i](KiDeferredContext[i], vector);
    KeMeter.depth--;
  }
}
EXPORT void STD PspSystemThread(void *context) {
  u32 n; uptr handle = 0; Text name; u32 buffer[8];
  name.length = 12; name.maximum = 14; name.buffer = context;
  for (n = 0;; n++) { RtlTouch(buffer, 16); NtOpenThing(&name, n, n & 3, &handle, 0, buffer); }
}
EXPORT u32 STD KiSystemStartup(u32 unused) {
  u32 i = 0; (void)unused;
  return i;
}
