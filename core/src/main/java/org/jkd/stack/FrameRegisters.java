// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;

/**
 * The registers that a walk knows to be a function's own: all of a running or interrupted
 * processor; behind a call on x64 what calls preserve, on x86 the two of the frame, because FPO
 * records do not describe how the others are restored. Kept small, since stacks have a hundred
 * thousand frames.
 */
public final class FrameRegisters {
  private static final Register[] REGISTERS = Register.values();

  /** RBX, RSP, RBP, RSI, RDI and R12 to R15, by the number that instructions give them. */
  private static final int[] PRESERVED = {3, 4, 5, 6, 7, 12, 13, 14, 15};

  private final Arch arch;
  private final long ip;
  private final long sp;
  private final long bp;

  /** What else is known, by the bits of {@link #known}; empty for x86 behind a call. */
  private final long[] others;

  private final int known;

  private FrameRegisters(Arch arch, long ip, long sp, long bp, long[] others, int known) {
    this.arch = arch;
    this.ip = ip;
    this.sp = sp;
    this.bp = bp;
    this.others = others;
    this.known = known;
  }

  private static final long[] NONE = {};

  static FrameRegisters x86(X86State s) {
    return s.exact
        ? new FrameRegisters(
            Arch.X86, s.ip, s.sp, s.bp, new long[] {s.bx, s.si, s.di}, 1 << 3 | 1 << 6 | 1 << 7)
        : new FrameRegisters(Arch.X86, s.ip, s.sp, s.bp, NONE, 0);
  }

  static FrameRegisters x64(X64State s) {
    int mask = 0xffff;
    if (!s.exact) {
      mask = 0;
      for (int r : PRESERVED) {
        mask |= 1 << r;
      }
    }
    int known = s.known & mask;
    long[] values = new long[Integer.bitCount(known)];
    int n = 0;
    for (int r = 0; r < 16; r++) {
      if ((known & 1 << r) != 0) {
        values[n++] = s.registers[r];
      }
    }
    return new FrameRegisters(Arch.X64, s.ip, s.sp(), 0, values, known);
  }

  /** The registers as a context. */
  public CpuContext context() {
    CpuContext.Builder context = new CpuContext.Builder(arch);
    context.with(Register.RIP, ip).with(Register.RSP, sp);
    if (arch == Arch.X86) {
      context.with(Register.RBP, bp);
    }
    int n = 0;
    for (int r = 0; r < 16; r++) {
      if ((known & 1 << r) != 0) {
        context.with(REGISTERS[r], others[n++]);
      }
    }
    return context.build();
  }
}
