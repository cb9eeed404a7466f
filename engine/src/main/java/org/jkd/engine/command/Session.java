// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.engine.expr.ExpressionContext;
import org.jkd.engine.expr.RegisterNames;
import org.jkd.image.MemoryReader;
import org.jkd.target.Target;

/**
 * What lasts from one command to the next: the target, the register context that commands look at,
 * and the settings.
 */
public final class Session implements ExpressionContext {
  /** The most frames that a back-trace may be asked for. */
  static final int MAX_FRAMES = 0x10000;

  private static final int USER_PSEUDO_REGISTERS = 20;

  private final Target target;
  private final Names names;
  private final MemoryReader memory;
  private final long[] userRegisters = new long[USER_PSEUDO_REGISTERS];

  private CpuContext registers;
  private int radix = 16;
  private int frameCount = 0x100;
  private boolean json;
  private long lastExpression;

  public Session(Target target, Names names, CpuContext registers) {
    this.target = target;
    this.names = names;
    this.registers = registers;
    this.memory = new MemoryReader(target.memory(), target.arch().pointerSize());
  }

  /** What is being debugged. */
  public Target target() {
    return target;
  }

  /** The names of addresses. */
  public Names names() {
    return names;
  }

  /** Numbers out of the target's virtual memory. */
  public MemoryReader memory() {
    return memory;
  }

  /** The registers that commands look at. */
  public CpuContext registers() {
    return registers;
  }

  /** Looks at other registers from now on. */
  public void setRegisters(CpuContext context) {
    registers = context;
  }

  /** How many frames a back-trace shows unless told otherwise. */
  public int frameCount() {
    return frameCount;
  }

  void setFrameCount(int count) {
    frameCount = count;
  }

  /** True if answers are JSON. */
  public boolean json() {
    return json;
  }

  /** Switches between text and JSON. */
  public void setJson(boolean on) {
    json = on;
  }

  void setRadix(int newRadix) {
    radix = newRadix;
  }

  /** Keeps the value of the last {@code ?} for {@code $exp}. */
  void setLastExpression(long value) {
    lastExpression = value;
  }

  /** The text before the cursor, for instance {@code 3: kd>} with a blank after it. */
  public String prompt() {
    return "kd> ";
  }

  @Override
  public Arch arch() {
    return target.arch();
  }

  @Override
  public boolean kernelMode() {
    return true;
  }

  @Override
  public int radix() {
    return radix;
  }

  @Override
  public OptionalLong register(String name) {
    var part = RegisterNames.find(arch(), name);
    return part.isPresent() ? OptionalLong.of(part.get().of(registers)) : OptionalLong.empty();
  }

  @Override
  public OptionalLong pseudoRegister(String name) {
    return switch (name) {
      case "$ip", "$eventip", "$scopeip", "$previp", "$relip" -> OptionalLong.of(registers.ip());
      case "$csp" -> OptionalLong.of(registers.sp());
      case "$ra" -> memory.pointer(registers.bp() + arch().pointerSize());
      case "$retreg", "$retreg64" -> OptionalLong.of(registers.get(Register.RAX));
      case "$exp" -> OptionalLong.of(lastExpression);
      case "$ptrsize" -> OptionalLong.of(arch().pointerSize());
      case "$pagesize" -> OptionalLong.of(0x1000);
      default -> userRegister(name);
    };
  }

  private OptionalLong userRegister(String name) {
    int number = userRegisterNumber(name);
    return number < 0 ? OptionalLong.empty() : OptionalLong.of(userRegisters[number]);
  }

  /** Sets {@code $t0} to {@code $t19}; false if the name is none of them. */
  boolean setUserRegister(String name, long value) {
    int number = userRegisterNumber(name);
    if (number >= 0) {
      userRegisters[number] = value;
    }
    return number >= 0;
  }

  private static int userRegisterNumber(String name) {
    if (!name.startsWith("$t") || name.length() < 3 || name.length() > 4) {
      return -1;
    }
    for (int i = 2; i < name.length(); i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return -1;
      }
    }
    int number = Integer.parseInt(name.substring(2));
    return number < USER_PSEUDO_REGISTERS ? number : -1;
  }

  @Override
  public OptionalLong symbol(String name) {
    return names.address(name);
  }

  @Override
  public OptionalLong read(long address, int size) {
    return memory.number(address, size);
  }

  @Override
  public OptionalLong readPhysical(long address, int size) {
    return OptionalLong.empty();
  }
}
