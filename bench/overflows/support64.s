# SPDX-License-Identifier: Apache-2.0
# What compilers expect to be linked to every x64 image.
.intel_syntax noprefix
.text
.globl __chkstk, ___chkstk_ms, __security_check_cookie, __C_specific_handler, _purecall, __GSHandlerCheck
.p2align 4, 0xcc
__chkstk:
___chkstk_ms:
 push rcx
 push rax
 cmp rax, 0x1000
 lea rcx, [rsp+0x18]
 jb 2f
1: sub rcx, 0x1000
 test [rcx], rcx
 sub rax, 0x1000
 cmp rax, 0x1000
 ja 1b
2: sub rcx, rax
 test [rcx], rcx
 pop rax
 pop rcx
 ret
.p2align 4, 0xcc
__security_check_cookie:
 cmp rcx, __security_cookie[rip]
 jne 1f
 ret
1: jmp 1b
__C_specific_handler:
__GSHandlerCheck:
 mov eax, 1
 ret
_purecall:
 int3
.p2align 4, 0xcc
GuardCheck:
 ret
.p2align 4, 0xcc
GuardDispatch:
 jmp rax
.data
.globl __security_cookie, __guard_check_icall_fptr, __guard_dispatch_icall_fptr
__security_cookie: .quad 0x2b992ddfa232
__guard_check_icall_fptr: .quad GuardCheck
__guard_dispatch_icall_fptr: .quad GuardDispatch
