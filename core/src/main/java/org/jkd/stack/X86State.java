// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;

/** The registers that an x86 walk carries from frame to frame. */
final class X86State {
  long ip;

  /** Just above the return address of the frame below, so its arguments count as still pushed. */
  long sp;

  long bp;
  long bx;
  long si;
  long di;

  /**
   * True when the registers are those of a running or interrupted processor, so that the function
   * may not have set up its frame; false at a return address.
   */
  boolean exact;

  /** True when a system call trap frame led here. */
  boolean afterService;

  /** Argument bytes of the function that was called from here; 0 when unknown. */
  int calleeParams;

  static X86State of(CpuContext context) {
    X86State state = new X86State();
    state.ip = context.ip();
    state.sp = context.sp();
    state.bp = context.bp();
    state.bx = context.get(Register.RBX);
    state.si = context.get(Register.RSI);
    state.di = context.get(Register.RDI);
    state.exact = true;
    return state;
  }

  /** The value of a register by its name in rules. */
  OptionalLong byName(String name) {
    return switch (name) {
      case "$eip" -> OptionalLong.of(ip);
      case "$esp" -> OptionalLong.of(sp + calleeParams);
      case "$ebp" -> OptionalLong.of(bp);
      case "$ebx" -> OptionalLong.of(bx);
      case "$esi" -> OptionalLong.of(si);
      case "$edi" -> OptionalLong.of(di);
      default -> OptionalLong.empty();
    };
  }

  X86State copy() {
    X86State state = new X86State();
    state.ip = ip;
    state.sp = sp;
    state.bp = bp;
    state.bx = bx;
    state.si = si;
    state.di = di;
    return state;
  }

  CpuContext toContext() {
    return CpuContext.unknown(Arch.X86)
        .with(Register.RIP, ip)
        .with(Register.RSP, sp)
        .with(Register.RBP, bp)
        .with(Register.RBX, bx)
        .with(Register.RSI, si)
        .with(Register.RDI, di);
  }
}
