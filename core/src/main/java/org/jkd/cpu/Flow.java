// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/** Where execution goes after an instruction. */
public enum Flow {
  /** To the next instruction. */
  NONE,
  /** To {@link Instruction#target()}, and later back to the next instruction. */
  CALL_DIRECT,
  /** Through a register or memory, and later back to the next instruction; far calls as well. */
  CALL_INDIRECT,
  JMP,
  /** Through a register or memory; far jumps as well. */
  JMP_INDIRECT,
  /** To the target or to the next instruction: jcc, jecxz, loop, xbegin. */
  JCC,
  RET,
  /** Return that drops {@link Instruction#immediate} bytes of arguments. */
  RET_N,
  RET_FAR,
  IRET,
  INT3,
  /** Software interrupt; operand 0 is its number (29h does not come back). */
  INT_N,
  /** syscall or sysenter. */
  SYSCALL,
  /** sysret or sysexit. */
  SYSRET,
  HLT,
  /** ud0, ud1, ud2: never goes on. */
  UD;

  /** True when the next instruction in memory is never reached directly from this one. */
  public boolean endsBlock() {
    return switch (this) {
      case JMP, JMP_INDIRECT, RET, RET_N, RET_FAR, IRET, SYSRET, UD -> true;
      case NONE, CALL_DIRECT, CALL_INDIRECT, JCC, INT3, INT_N, SYSCALL, HLT -> false;
    };
  }

  /** True for calls of both kinds. */
  public boolean isCall() {
    return this == CALL_DIRECT || this == CALL_INDIRECT;
  }

  /** True for near and far returns, not for iret. */
  public boolean isReturn() {
    return this == RET || this == RET_N || this == RET_FAR;
  }
}
