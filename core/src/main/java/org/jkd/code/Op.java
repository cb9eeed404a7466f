// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

/**
 * One instruction reduced to what the analysis of stacks needs. Registers are numbers 0 to 15 in
 * hardware order (4 is the stack pointer, 5 the frame pointer), -1 where there is none.
 */
final class Op {
  static final int NONE = -1;
  static final int AX = 0;
  static final int CX = 1;
  static final int DX = 2;
  static final int BX = 3;
  static final int SP = 4;
  static final int BP = 5;
  static final int SI = 6;
  static final int DI = 7;

  /** What an instruction does, as far as stacks are concerned. */
  enum Kind {
    /** Nothing but the writes named by {@link Op#clobbers}. */
    OTHER,
    /** dst = src. */
    MOVE,
    /** dst = imm. */
    SET,
    /** dst = memory. */
    LOAD,
    /** memory = src, or imm when src is -1. */
    STORE,
    /** dst = address of the memory operand. */
    LEA,
    /** dst += src, or imm, or memory (src -1 and hasMemory). */
    ADD,
    SUB,
    AND,
    XOR,
    /** dst = -dst. */
    NEG,
    /** dst = ~dst. */
    NOT,
    /** dst = 0 or -1 by the carry flag. */
    SBB_SELF,
    /** Sets flags from dst and src or imm. */
    COMPARE,
    /** Exchanges dst and src. */
    EXCHANGE,
    /** Pushes src. */
    PUSH,
    PUSH_IMM,
    PUSH_MEMORY,
    /** Pushes something that is not tracked: flags, a segment register. */
    PUSH_OTHER,
    /** Pops into dst. */
    POP,
    /** Pops into memory, flags or a segment register. */
    POP_OTHER,
    PUSH_ALL,
    POP_ALL,
    LEAVE,
    /** enter imm, nesting level in src. */
    ENTER,
    /** Direct call of target. */
    CALL,
    CALL_REGISTER,
    CALL_MEMORY,
    JUMP,
    JUMP_REGISTER,
    JUMP_MEMORY,
    /** Conditional jump to target. */
    BRANCH,
    /** imm bytes of arguments are popped. */
    RETURN,
    INTERRUPT_RETURN,
    /** Execution does not go on: hlt in a loop, ud2, invalid bytes. */
    STOP,
    /** int 3, int 29h and the like; execution may or may not go on. */
    BREAK
  }

  long address;
  int length;
  Kind kind = Kind.OTHER;
  int dst = NONE;
  int src = NONE;

  /** Bytes that the operation moves. */
  int size;

  boolean hasMemory;
  int base = NONE;
  int index = NONE;
  int scale;
  long disp;

  /** The memory operand is relative to fs or gs. */
  boolean segment;

  long imm;
  boolean hasImm;

  /** Where a direct call, jump or branch leads. */
  long target;

  /** Condition code of a branch, 0 to 15 (0 overflow, 2 below, 4 equal …), -1 for loop and jcxz. */
  int condition = -1;

  /** Registers that are written with values that are not tracked, one bit each. */
  int clobbers;

  /** The address of the next instruction. */
  long next() {
    return address + length;
  }

  /** True when control never falls through to {@link #next}. */
  boolean endsFlow() {
    return switch (kind) {
      case JUMP, JUMP_REGISTER, JUMP_MEMORY, RETURN, INTERRUPT_RETURN, STOP -> true;
      default -> false;
    };
  }

  boolean isCall() {
    return kind == Kind.CALL || kind == Kind.CALL_REGISTER || kind == Kind.CALL_MEMORY;
  }

  /** A call of the next instruction: only pushes its address. */
  boolean isCallOfNext() {
    return kind == Kind.CALL && target == next();
  }

  /** The memory operand has a fixed address. */
  boolean isAbsolute() {
    return hasMemory && base == NONE && index == NONE && !segment;
  }
}
