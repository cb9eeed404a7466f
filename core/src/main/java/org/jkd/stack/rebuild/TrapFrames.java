// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;

/**
 * Recognises trap frames by their content. Layouts: KTRAP_FRAME of Windows 2000 to 10 on x86 and of
 * XP x64 to 11 on x64 (stack-overflow-diagnosis.md, 7 and 8).
 */
final class TrapFrames {
  /** From an x86 frame's first byte to its Eip. */
  static final int X86_EIP = 0x68;

  /** From an x64 frame's first byte to its Rip. */
  static final int X64_RIP = 0x168;

  /** From an x86 frame's first byte to its ErrCode, where a handler with an error code enters. */
  static final int X86_ERROR_CODE = 0x64;

  private static final int X86_ESP = 0x74;
  private static final long MARK = 0xbadb0d00L;
  private static final double ENOUGH = 18;

  private final Segment segment;
  private final CodeFacts code;
  private final boolean x86;

  TrapFrames(Segment segment, CodeFacts code, Arch arch) {
    this.segment = segment;
    this.code = code;
    this.x86 = arch == Arch.X86;
  }

  /** The trap frame whose instruction pointer lies in a slot. */
  Optional<TrapFrame> withIpAt(long slot) {
    return x86 ? x86(slot - X86_EIP) : x64(slot - X64_RIP);
  }

  /** The trap frame at an address. */
  Optional<TrapFrame> at(long address) {
    return x86 ? x86(address) : x64(address);
  }

  /** The first trap frame whose instruction pointer lies in a range. */
  Optional<TrapFrame> firstIn(long from, long to) {
    int width = segment.width();
    for (long slot = from; Long.compareUnsigned(slot, to) < 0; slot += width) {
      Optional<TrapFrame> frame = withIpAt(slot);
      if (frame.isPresent()) {
        return frame;
      }
    }
    return Optional.empty();
  }

  private Optional<TrapFrame> x86(long t) {
    if (!segment.knows(t + X86_EIP) || !segment.knows(t + 0x70)) {
      return Optional.empty();
    }
    long selector = segment.wordAt(t + 0x6c);
    long cs = selector & 0xffff;
    long flags = segment.wordAt(t + 0x70);
    if (cs != 8 && cs != 0x1b || !flagsFit(flags)) {
      return Optional.empty();
    }
    boolean user = cs == 0x1b;
    long eip = segment.wordAt(t + X86_EIP);
    if (!ipFits(eip, user)) {
      return Optional.empty();
    }
    double bits = 8 + (selector == cs ? 2 : 0);
    bits += segment.wordAt(t + 8) == MARK ? 10 : 0;
    bits += segment.wordAt(t + 4) == eip ? 14 : 0;
    bits += segment.wordAt(t) == segment.wordAt(t + 0x60) ? 4 : 0;
    long fs = segment.wordAt(t + 0x50) & 0xffff;
    bits += fs == 0x30 || fs == 0x3b ? 6 : 0;
    if (bits < ENOUGH) {
      return Optional.empty();
    }
    CpuContext context =
        CpuContext.unknown(Arch.X86)
            .with(Register.RIP, eip)
            .with(Register.EFLAGS, flags)
            .with(Register.CS, cs);
    if (!user) {
      context = context.with(Register.RSP, t + X86_ESP);
    } else if (segment.knows(t + X86_ESP)) {
      context = context.with(Register.RSP, segment.wordAt(t + X86_ESP));
    }
    context = field(context, Register.RDI, t + 0x54);
    context = field(context, Register.RSI, t + 0x58);
    context = field(context, Register.RBX, t + 0x5c);
    context = field(context, Register.RBP, t + 0x60);
    return Optional.of(new TrapFrame(t, t + X86_EIP, context, user, bits));
  }

  private Optional<TrapFrame> x64(long t) {
    long m = t + X64_RIP;
    if (!segment.knows(m) || !segment.knows(m + 24)) {
      return Optional.empty();
    }
    long cs = segment.wordAt(m + 8) & 0xffff;
    long flags = segment.wordAt(m + 16);
    if (cs != 0x10 && cs != 0x33 || !flagsFit(flags & 0xffff_ffffL)) {
      return Optional.empty();
    }
    boolean user = cs == 0x33;
    long rip = segment.wordAt(m);
    long rsp = segment.wordAt(m + 24);
    if (!ipFits(rip, user) || user != (rsp >= 0 && rsp < 1L << 47)) {
      return Optional.empty();
    }
    if (!user && (rsp & 7) != 0) {
      return Optional.empty();
    }
    double bits = 18 + (rsp >>> 32 == m >>> 32 ? 6 : 0);
    CpuContext context =
        CpuContext.unknown(Arch.X64)
            .with(Register.RIP, rip)
            .with(Register.EFLAGS, flags)
            .with(Register.CS, cs)
            .with(Register.RSP, rsp);
    context = field(context, Register.RBP, t + 0x158);
    return Optional.of(new TrapFrame(t, m, context, user, bits));
  }

  private CpuContext field(CpuContext context, Register register, long address) {
    return segment.knows(address) ? context.with(register, segment.wordAt(address)) : context;
  }

  /** Bit 1 is always set, bits 3, 5, 15 and 22 and up never. */
  private static boolean flagsFit(long flags) {
    return (flags & 2) != 0 && (flags & 0xffc0_8028L) == 0;
  }

  private boolean ipFits(long ip, boolean user) {
    if (user) {
      return Long.compareUnsigned(ip, 0x10000) >= 0
          && Long.compareUnsigned(ip, x86 ? 0x8000_0000L : 1L << 47) < 0;
    }
    return code.place(ip) != CodeFacts.Place.NONE;
  }
}
