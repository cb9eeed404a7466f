# SPDX-License-Identifier: Apache-2.0
# Entries of the x64 kernel. Offsets are those of the trap frame in the public symbols of Windows 7.
.intel_syntax noprefix
.text
.globl KiSystemCall64, KiServiceInternal, KiTrap0E, KiInterrupt, KiThreadEntry, KiUserReturn, KiDoubleFaultAbort, KiBugCheckDispatch, KeBugCheckEx
.macro VOLATILE
 mov [rbp-0x50], rax
 mov [rbp-0x48], rcx
 mov [rbp-0x40], rdx
 mov [rbp-0x38], r8
 mov [rbp-0x30], r9
 mov [rbp-0x28], r10
 mov [rbp-0x20], r11
.endm
.macro TRAPPROLOG
 push rbp
 .seh_pushreg rbp
 sub rsp, 0x158
 .seh_stackalloc 0x158
 lea rbp, [rsp+0x80]
 .seh_setframe rbp, 0x80
 .seh_endprologue
 VOLATILE
.endm
.macro TRAPEXIT
 mov rax, [rbp-0x50]
 mov rcx, [rbp-0x48]
 mov rdx, [rbp-0x40]
 mov r8, [rbp-0x38]
 mov r9, [rbp-0x30]
 mov r10, [rbp-0x28]
 mov r11, [rbp-0x20]
 mov rsp, rbp
 mov rbp, [rbp+0xd8]
 add rsp, 0xe8
 iretq
.endm
# Copies up to six arguments beyond the fourth from r10 (the caller's stack pointer at the return address), calls service eax.
.macro CALLSERVICE
 lea r11, KiServiceTable[rip]
 mov rax, [r11+rax*8]
 sub rsp, 0x50
 mov r11, [r10+0x28]
 mov [rsp+0x20], r11
 mov r11, [r10+0x30]
 mov [rsp+0x28], r11
 mov r11, [r10+0x38]
 mov [rsp+0x30], r11
 mov r11, [r10+0x40]
 mov [rsp+0x38], r11
 mov r11, [r10+0x48]
 mov [rsp+0x40], r11
 mov r11, [r10+0x50]
 mov [rsp+0x48], r11
 call rax
 add rsp, 0x50
.endm
.p2align 4, 0xcc
KiSystemCall64:
.seh_proc KiSystemCall64
 .seh_pushframe
 mov rsp, gs:[0x1a8]
 push 0x2b
 push 0x20fcc8
 push 0x202
 push 0x33
 push 0x77a2101a
 sub rsp, 8
 .seh_stackalloc 8
 TRAPPROLOG
 mov rbx, gs:[0x188]
 lea rax, [rbp-0x80]
 mov [rbx+0x1d8], rax
KiUserReturn:
 xor ecx, ecx
 xor edx, edx
 xor r8d, r8d
 xor r9d, r9d
 lea r10, KiUserArguments[rip]
 mov eax, KiUserService[rip]
 CALLSERVICE
 jmp KiUserReturn
.seh_endproc
.p2align 4, 0xcc
KiServiceInternal:
.seh_proc KiServiceInternal
 .seh_pushframe
 sub rsp, 8
 .seh_stackalloc 8
 TRAPPROLOG
 mov [rbp+0xc0], rbx
 mov [rbp+0xc8], rdi
 mov [rbp+0xd0], rsi
 mov r10, [rbp+0x100]
 lea r10, [r10]
 CALLSERVICE
 mov [rbp-0x50], rax
 mov rbx, [rbp+0xc0]
 mov rdi, [rbp+0xc8]
 mov rsi, [rbp+0xd0]
 TRAPEXIT
.seh_endproc
.p2align 4, 0xcc
KiServiceLinkage:
 ret
.macro SERVICE name number
.globl \name
.p2align 4, 0xcc
\name:
 mov rax, rsp
 cli
 sub rsp, 0x10
 push rax
 pushfq
 push 0x10
 lea rax, KiServiceLinkage[rip]
 push rax
 mov eax, \number
 jmp KiServiceInternal
.endm
SERVICE ZwOpenThing 0
SERVICE ZwTransfer 1
SERVICE ZwControl 2
SERVICE ZwForget 3
.p2align 4, 0xcc
KiTrap0E:
.seh_proc KiTrap0E
 .seh_pushframe @code
 TRAPPROLOG
 mov [rbp+0xc0], rbx
 mov rdx, KiFaultAddress[rip]
 mov [rbp+0x50], rdx
 mov ecx, [rbp+0xe0]
 and ecx, 2
 shr ecx, 1
 xor r8d, r8d
 lea r9, [rbp-0x80]
 call MmAccessFault
 TRAPEXIT
.seh_endproc
.p2align 4, 0xcc
KiInterrupt:
.seh_proc KiInterrupt
 .seh_pushframe
 sub rsp, 8
 .seh_stackalloc 8
 TRAPPROLOG
 mov ecx, KiVector[rip]
 mov rdx, gs:[0x2340]
 test rdx, rdx
 je 1f
 call KiSwitchStack
 jmp 2f
1: call KiRetireDeferred
2: TRAPEXIT
.seh_endproc
.p2align 4, 0xcc
# Runs KiRetireDeferred(rcx) on the stack in rdx; unwinds by a frame register.
KiSwitchStack:
.seh_proc KiSwitchStack
 push rbp
 .seh_pushreg rbp
 sub rsp, 0x20
 .seh_stackalloc 0x20
 mov rbp, rsp
 .seh_setframe rbp, 0
 .seh_endprologue
 mov qword ptr gs:[0x2340], 0
 mov rsp, rdx
 sub rsp, 0x20
 call KiRetireDeferred
 lea rdx, [rsp+0x20]
 mov gs:[0x2340], rdx
 mov rsp, rbp
 add rsp, 0x20
 pop rbp
 ret
.seh_endproc
.p2align 4, 0xcc
KiDoubleFaultAbort:
.seh_proc KiDoubleFaultAbort
 .seh_pushframe @code
 TRAPPROLOG
 mov ecx, 0x7f
 mov edx, 8
 call KiBugCheckDispatch
 int3
.seh_endproc
.p2align 4, 0xcc
KiBugCheckDispatch:
.seh_proc KiBugCheckDispatch
 sub rsp, 0x138
 .seh_stackalloc 0x138
 .seh_endprologue
 call KeBugCheckEx
 int3
.seh_endproc
.p2align 4, 0xcc
KeBugCheckEx:
 mov [rsp+8], rcx
 pause
 jmp KeBugCheckEx
.p2align 4, 0xcc
KiThreadEntry:
.seh_proc KiThreadEntry
 sub rsp, 0x28
 .seh_stackalloc 0x28
 .seh_endprologue
 xor ecx, ecx
 call PspSystemThread
 int3
.seh_endproc
# u32 KeUserlessCallout(Callback body, void *context, uptr size)
.globl KeUserlessCallout
.p2align 4, 0xcc
KeUserlessCallout:
.seh_proc KeUserlessCallout
 push rbx
 .seh_pushreg rbx
 sub rsp, 0x30
 .seh_stackalloc 0x30
 .seh_endprologue
 mov rbx, rcx
 mov rcx, rdx
 mov edx, 7
 call rbx
 add rsp, 0x30
 pop rbx
 ret
.seh_endproc
.data
.globl KiFaultAddress, KiVector, KiUserService
KiFaultAddress: .quad 0
KiVector: .long 0
KiUserService: .long 1
KiUserArguments: .fill 16, 8, 0
.section .drectve,"yn"
.ascii " /export:ZwOpenThing /export:ZwTransfer /export:ZwControl /export:ZwForget /export:KeUserlessCallout"
