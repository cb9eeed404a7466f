// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

/**
 * KTRAP_FRAME of x86 as far as walks need it. The part from ExceptionList (+0x4c) on is the same in
 * all versions of Windows (ntddk.h of the 2003 DDK; ReactOS ndk/ketypes.h).
 */
final class TrapFrame32 {
  static final int DBG_ARG_MARK = 0x08;
  static final int SEG_FS = 0x50;
  static final int EDI = 0x54;
  static final int ESI = 0x58;
  static final int EBX = 0x5c;
  static final int EBP = 0x60;
  static final int EIP = 0x68;
  static final int SEG_CS = 0x6c;
  static final int EFLAGS = 0x70;

  /** Pushed by the processor only when it came from user mode. */
  static final int HARDWARE_ESP = 0x74;

  /** What the trap entry macros store at {@link #DBG_ARG_MARK}. */
  static final long MARK = 0xbadb0d00L;

  private static final long FLAG_ALWAYS_SET = 0x2;
  private static final long FLAGS_NEVER_SET = 0xffc0_8028L;
  private static final long VIRTUAL_8086 = 0x20000;

  private TrapFrame32() {}

  /**
   * True when the words at an address can be a trap frame: selectors and flags that a processor can
   * push, and an EIP that is not null.
   */
  static boolean plausible(StackWords words, long address) {
    return readableParts(words, address) && valid(words, address);
  }

  private static boolean readableParts(StackWords words, long address) {
    return (address & 3) == 0
        && words.readable(address + EBX, 8)
        && words.readable(address + EIP, 8)
        && words.readable(address + EFLAGS, 4);
  }

  private static boolean valid(StackWords words, long address) {
    long cs = words.u32(address + SEG_CS) & 0xffff;
    long flags = words.u32(address + EFLAGS);
    return (cs == 0x8 || cs == 0x1b || (flags & VIRTUAL_8086) != 0)
        && (flags & FLAG_ALWAYS_SET) != 0
        && (flags & FLAGS_NEVER_SET) == 0
        && words.u32(address + EIP) != 0;
  }

  /** True when the frame was pushed in user mode (or in a virtual 8086 task). */
  static boolean fromUser(StackWords words, long address) {
    return (words.u32(address + SEG_CS) & 1) != 0
        || (words.u32(address + EFLAGS) & VIRTUAL_8086) != 0;
  }

  /** The interrupted ESP: stored when it came from user mode, implied otherwise. */
  static long esp(StackWords words, long address) {
    return fromUser(words, address) ? words.u32(address + HARDWARE_ESP) : address + HARDWARE_ESP;
  }
}
