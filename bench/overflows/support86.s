# SPDX-License-Identifier: Apache-2.0
# What compilers expect to be linked to every x86 image.
.intel_syntax noprefix
.text
.globl __chkstk, ___chkstk_ms, @__security_check_cookie@4, __except_handler3, __except_handler4, __purecall, __guard_nop
.p2align 4, 0xcc
__chkstk:
 push ecx
 lea ecx, [esp+4]
 sub ecx, eax
 sbb eax, eax
 not eax
 and ecx, eax
 mov eax, esp
 and eax, 0xfffff000
1: cmp ecx, eax
 jb 2f
 mov eax, ecx
 pop ecx
 xchg esp, eax
 mov eax, [eax]
 mov [esp], eax
 ret
2: sub eax, 0x1000
 test [eax], eax
 jmp 1b
.p2align 4, 0xcc
___chkstk_ms:
 push ecx
 push eax
 cmp eax, 0x1000
 lea ecx, [esp+12]
 jb 2f
1: sub ecx, 0x1000
 or dword ptr [ecx], 0
 sub eax, 0x1000
 cmp eax, 0x1000
 ja 1b
2: sub ecx, eax
 or dword ptr [ecx], 0
 pop eax
 pop ecx
 ret
.p2align 4, 0xcc
@__security_check_cookie@4:
 cmp ecx, dword ptr ___security_cookie
 jne 1f
 ret
1: jmp 1b
__except_handler3:
__except_handler4:
 mov eax, 1
 ret
__purecall:
 int3
.p2align 4, 0xcc
__guard_nop:
 ret
.data
.globl ___security_cookie, ___guard_check_icall_fptr
___security_cookie: .long 0xbb40e64e
___guard_check_icall_fptr: .long __guard_nop
