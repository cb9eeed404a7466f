// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.OptionalLong;
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

  /** Takes over everything from another state. */
  void assign(X64State other) {
    System.arraycopy(other.registers, 0, registers, 0, COUNT);
    ip = other.ip;
    known = other.known;
    exact = other.exact;
  }

  /** The number of a register by its name in rules, for instance {@code $rbp}; −1 if unknown. */
  static int register(String name) {
    for (int i = 0; i < COUNT; i++) {
      if (name.length() > 1 && name.substring(1).equalsIgnoreCase(REGISTERS[i].name())) {
        return i;
      }
    }
    return -1;
  }

  /** The value of a register by its name in rules. */
  OptionalLong byName(String name) {
    int register = register(name);
    if (name.equals("$rip")) {
      return OptionalLong.of(ip);
    }
    return register >= 0 && knows(register)
        ? OptionalLong.of(registers[register])
        : OptionalLong.empty();
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
