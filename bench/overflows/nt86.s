# SPDX-License-Identifier: Apache-2.0
# Entries of the x86 kernel. Offsets are those of the trap frame in the public symbols of Windows XP.
.intel_syntax noprefix
.text
.globl _KiFastCallEntry, _KiSystemService, _KiTrap0E, _KiInterrupt, _KiTrap08, _KiThreadEntry
.globl _KiUserReturn
.macro FRAME previous
 push ebp
 push ebx
 push esi
 push edi
 push 0x30
 push dword ptr fs:[0]
 push \previous
.endm
.macro MARK
 mov ebx, [ebp+0x60]
 mov edi, [ebp+0x68]
 mov [ebp+0xc], edx
 mov dword ptr [ebp+8], 0xbadb0d00
 mov [ebp], ebx
 mov [ebp+4], edi
.endm
.macro CALLSERVICE
 mov esi, edx
 movzx ecx, byte ptr _KiArgumentBytes[eax]
 mov ebx, dword ptr _KiServiceTable[eax*4]
 sub esp, ecx
 shr ecx, 2
 mov edi, esp
 rep movsd
 call ebx
.endm
.p2align 4, 0xcc
_KiFastCallEntry:
 mov esp, dword ptr fs:[0x40]
 mov esp, [esp+4]
 push 0x23
 push 0x0012fe60
 push 0x202
 push 0x1b
 push 0x7c90eb94
 push 0
 FRAME 1
 sub esp, 0x48
 mov ebp, esp
 mov edx, dword ptr fs:[0x124]
 mov [edx+0x110], ebp
 lea edx, [ebp+0x44]
 MARK
_KiUserReturn:
 mov eax, dword ptr _KiUserService
 mov edx, offset _KiUserArguments
 CALLSERVICE
 mov esp, ebp
 jmp _KiUserReturn
.p2align 4, 0xcc
_KiSystemService:
 push 0
 FRAME 0
 sub esp, 0x48
 mov ebp, esp
 MARK
 CALLSERVICE
 mov esp, ebp
 mov ecx, [ebp+0x4c]
 mov dword ptr fs:[0], ecx
 lea esp, [ebp+0x54]
 pop edi
 pop esi
 pop ebx
 pop ebp
 add esp, 4
 pop edx
 pop ecx
 popfd
 jmp edx
.macro TRAP
 push ebp
 push ebx
 push esi
 push edi
 push 0x30
 push dword ptr fs:[0]
 push -1
 push eax
 push ecx
 push edx
 push 0x23
 push 0x23
 push 0
 sub esp, 0x30
 mov ebp, esp
 MARK
.endm
_KiExit:
 mov esp, ebp
 mov eax, [ebp+0x44]
 mov ecx, [ebp+0x40]
 mov edx, [ebp+0x3c]
 lea esp, [ebp+0x54]
 pop edi
 pop esi
 pop ebx
 pop ebp
 add esp, 4
 iretd
.p2align 4, 0xcc
_KiTrap0E:
 TRAP
 mov eax, dword ptr _KiFaultAddress
 mov ecx, [ebp+0x64]
 and ecx, 2
 shr ecx, 1
 push ebp
 push 0
 push eax
 push ecx
 call _MmAccessFault@16
 jmp _KiExit
.p2align 4, 0xcc
# A device interrupt: the deferred work runs on the processor's own stack.
_KiInterrupt:
 push 0
 TRAP
 mov eax, dword ptr fs:[0xa68]
 test eax, eax
 je 1f
 mov edx, esp
 mov dword ptr fs:[0xa68], 0
 mov esp, eax
 push edx
 push eax
 mov ebp, edx
 push dword ptr _KiVector
 call _KiRetireDeferred@4
 pop dword ptr fs:[0xa68]
 pop esp
 jmp _KiExit
1:
 push dword ptr _KiVector
 call _KiRetireDeferred@4
 jmp _KiExit
.p2align 4, 0xcc
_KiTrap08:
 cli
 mov eax, dword ptr fs:[0x40]
 mov ecx, dword ptr fs:[0x3c]
 push 0
 push 0
 push 0
 push eax
 push 8
 push 0x7f
 call _KeBugCheck2
 int3
.p2align 4, 0xcc
_KeBugCheck2:
 push ebp
 mov ebp, esp
 sub esp, 0x10
1: pause
 jmp 1b
.p2align 4, 0xcc
_KiThreadEntry:
 xor ebx, ebx
 xor esi, esi
 xor edi, edi
 xor ebp, ebp
 pop eax
 call eax
 int3
.macro SERVICE name number bytes
.globl _\name\()@\bytes
.p2align 2, 0xcc
_\name\()@\bytes:
 mov eax, \number
 lea edx, [esp+4]
 pushfd
 push 8
 call _KiSystemService
 ret \bytes
.endm
SERVICE ZwOpenThing 0 24
SERVICE ZwTransfer 1 12
SERVICE ZwControl 2 40
SERVICE ZwForget 3 4
# u32 KeUserlessCallout(Callback body, void *context, uptr size)
.globl _KeUserlessCallout@12
.p2align 4, 0xcc
_KeUserlessCallout@12:
 mov edi, edi
 push ebp
 mov ebp, esp
 push ebx
 push esi
 mov ebx, [ebp+8]
 mov esi, [ebp+12]
 push 7
 push esi
 call ebx
 pop esi
 pop ebx
 pop ebp
 ret 12
.data
.globl _KiFaultAddress, _KiVector, _KiUserService, _KiUserArguments
_KiFaultAddress: .long 0
_KiVector: .long 0
_KiUserService: .long 1
_KiUserArguments: .fill 16, 4, 0
.section .drectve,"yn"
.ascii " /export:_ZwOpenThing@24 /export:_ZwTransfer@12 /export:_ZwControl@40 /export:_ZwForget@4 /export:_KeUserlessCallout@12"
