# SPDX-License-Identifier: Apache-2.0
# Frames that other compilers make: u32 STD NAME(Callback body, void *context, u32 value) calls body(context, value).
.intel_syntax noprefix
.text
.macro STUB name
.globl _\name\()@12
.p2align 4, 0xcc
_\name\()@12:
.endm
# A helper that builds the whole frame, as __SEH_prolog does: pushed are the size of the locals and a table.
.p2align 4, 0xcc
SehPrologHelper:
 .byte 0x68
 .long SehHandler
 push dword ptr fs:[0]
 mov eax, [esp+16]
 mov [esp+16], ebp
 lea ebp, [esp+16]
 sub esp, eax
 push ebx
 push esi
 push edi
 mov eax, dword ptr Cookie
 xor [ebp-4], eax
 xor eax, ebp
 push eax
 mov [ebp-24], esp
 push dword ptr [ebp-8]
 mov eax, [ebp-4]
 mov dword ptr [ebp-4], -2
 mov [ebp-8], eax
 lea eax, [ebp-16]
 mov dword ptr fs:[0], eax
 ret
.p2align 4, 0xcc
SehEpilogHelper:
 mov ecx, [ebp-16]
 mov dword ptr fs:[0], ecx
 pop ecx
 pop edi
 pop edi
 pop esi
 pop ebx
 mov esp, ebp
 pop ebp
 push ecx
 ret
SehHandler:
 mov eax, 1
 ret
.p2align 4, 0xcc
# As _EH_prolog: the frame is made by a helper that gets a handler in eax.
EhPrologHelper:
 push -1
 push eax
 mov eax, dword ptr fs:[0]
 push eax
 mov eax, [esp+12]
 mov dword ptr fs:[0], esp
 mov [esp+12], ebp
 lea ebp, [esp+12]
 push eax
 ret
STUB SehFrame
 push 0x28
 .byte 0x68
 .long Table
 call SehPrologHelper
 and dword ptr [ebp-4], 0
 push [ebp+16]
 push [ebp+12]
 call dword ptr [ebp+8]
 mov [ebp-28], eax
 mov dword ptr [ebp-4], -2
 call SehFinally
 mov eax, [ebp-28]
 call SehEpilogHelper
 ret 12
SehFinally:
 push 3
 push [ebp+12]
 call dword ptr [ebp+8]
 ret
STUB EhFrame
 mov eax, offset SehHandler
 call EhPrologHelper
 sub esp, 0x34
 push esi
 push edi
 mov esi, [ebp+12]
 mov edi, [ebp+16]
 push edi
 push esi
 call dword ptr [ebp+8]
 mov ecx, [ebp-12]
 pop edi
 pop esi
 mov dword ptr fs:[0], ecx
 leave
 ret 12
# The stack aligned to 16 as cl does it, with the arguments through ebx.
STUB AlignedFrame
 push ebx
 mov ebx, esp
 sub esp, 8
 and esp, -16
 add esp, 4
 push ebp
 mov ebp, [ebx+4]
 mov [esp+4], ebp
 mov ebp, esp
 sub esp, 0x58
 push esi
 mov esi, [ebx+16]
 push esi
 push dword ptr [ebx+12]
 call dword ptr [ebx+8]
 pop esi
 mov esp, ebp
 pop ebp
 mov esp, ebx
 pop ebx
 ret 12
# Registers saved late, on the way that needs them only.
STUB LateSaves
 mov eax, [esp+12]
 test al, 1
 je 1f
 push ebx
 push ebp
 mov ebp, [esp+16]
 mov ebx, [esp+12]
 push edi
 push eax
 push ebp
 call ebx
 pop edi
 pop ebp
 pop ebx
 ret 12
1: push eax
 push dword ptr [esp+12]
 call dword ptr [esp+12]
 ret 12
# All registers at once, and the frame pointer used for data.
STUB AllRegisters
 pushad
 pushfd
 mov ebp, [esp+0x30]
 imul ebp, ebp, 77
 push dword ptr [esp+0x30]
 push dword ptr [esp+0x30]
 mov eax, [esp+0x30]
 call eax
 mov [esp+0x20], eax
 popfd
 popad
 ret 12
# Locals reserved bit by bit, arguments pushed long before the call.
STUB EarlyPushes
 push ecx
 push ecx
 push ebp
 mov ebp, [esp+24]
 push ebp
 push dword ptr [esp+24]
 test ebp, 2
 jne 1f
 call dword ptr [esp+24]
 jmp 2f
1: mov ecx, [esp+24]
 push ecx
 pop edx
 call edx
2: pop ebp
 add esp, 8
 ret 12
STUB EnterFrame
 enter 0x40, 0
 push esi
 mov esi, esp
 push [ebp+16]
 push [ebp+12]
 call [ebp+8]
 mov esp, esi
 pop esi
 leave
 ret 12
# A jump into the middle of another function, as the cold part of a function that was split.
STUB SplitFrame
 push ebx
 push esi
 sub esp, 0x1c
 mov ebx, [esp+0x30]
 test bl, 4
 jne SplitCold
 push ebx
 push dword ptr [esp+0x30]
 call dword ptr [esp+0x30]
SplitBack:
 add esp, 0x1c
 pop esi
 pop ebx
 ret 12
.p2align 4, 0xcc
SplitCold:
 mov dword ptr [esp+8], 5
 push ebx
 push dword ptr [esp+0x30]
 call dword ptr [esp+0x30]
 jmp SplitBack
.data
Cookie: .long 0xbb40e64e
Table: .fill 8, 4, 0
