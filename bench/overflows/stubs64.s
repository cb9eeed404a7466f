# SPDX-License-Identifier: Apache-2.0
# Frames that other compilers make: u32 NAME(Callback body, void *context, u32 value) calls body(context, value).
.intel_syntax noprefix
.text
.macro STUB name
.globl \name
.p2align 4, 0xcc
\name:
.seh_proc \name
.endm
# Saves by mov, a frame register with an offset, and room of changing size.
STUB MovedFrame
 mov [rsp+8], rbx
 push rbp
 .seh_pushreg rbp
 push rdi
 .seh_pushreg rdi
 sub rsp, 0x58
 .seh_stackalloc 0x58
 lea rbp, [rsp+0x30]
 .seh_setframe rbp, 0x30
 .seh_endprologue
 mov rax, rcx
 mov rcx, rdx
 mov edi, r8d
 and edi, 0x70
 sub rsp, rdi
 mov edx, r8d
 call rax
 lea rsp, [rbp+0x28]
 pop rdi
 pop rbp
 ret
.seh_endproc
# A leaf without unwind information that jumps on.
.globl LeafJump
.p2align 4, 0xcc
LeafJump:
 mov rax, rcx
 mov rcx, rdx
 mov edx, r8d
 jmp rax
# Many saved registers and a part of the frame that only one way has.
STUB WideSaves
 push r15
 .seh_pushreg r15
 push r14
 .seh_pushreg r14
 push r13
 .seh_pushreg r13
 push r12
 .seh_pushreg r12
 push rbx
 .seh_pushreg rbx
 sub rsp, 0x120
 .seh_stackalloc 0x120
 .seh_endprologue
 mov rbx, rcx
 mov rcx, rdx
 mov edx, r8d
 call rbx
 nop
 add rsp, 0x120
 pop rbx
 pop r12
 pop r13
 pop r14
 pop r15
 ret
.seh_endproc
