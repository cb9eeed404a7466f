// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;

/** The registers that an x64 walk carries from frame to frame, numbered as instructions do. */
final class X64State {
  static final int RSP = 4;
  private static final Register[] REGISTERS = Register.values();
  private static final int COUNT = 16;

  /** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15: the order of {@link Register}. */
  final long[] registers = new long[COUNT];

  long ip;
  int known;

  /** False at a return address. */
  boolean exact;

  static X64State of(CpuContext context) {
    X64State state = new X64State();
    state.ip = context.ip();
    state.exact = true;
    for (int i = 0; i < COUNT; i++) {
      if (context.knows(REGISTERS[i])) {
        state.set(i, context.get(REGISTERS[i]));
      }
    }
    return state;
  }

  long sp() {
    return registers[RSP];
  }

  void set(int register, long value) {
    registers[register] = value;
    known |= 1 << register;
  }

  boolean knows(int register) {
    return (known & 1 << register) != 0;
  }

  X64State copy() {
    X64State state = new X64State();
    System.arraycopy(registers, 0, state.registers, 0, COUNT);
    state.ip = ip;
    state.known = known;
    return state;
  }

  CpuContext toContext() {
    CpuContext context = CpuContext.unknown(Arch.X64).with(Register.RIP, ip);
    for (int i = 0; i < COUNT; i++) {
      if (knows(i)) {
        context = context.with(REGISTERS[i], registers[i]);
      }
    }
    return context;
  }
}
