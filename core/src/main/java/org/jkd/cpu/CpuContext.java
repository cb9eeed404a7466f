// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The registers of a processor at one moment. Immutable; a register that the source did not hold is
 * unknown and reads as 0, so ask {@link #knows} before a value is believed.
 */
public final class CpuContext {
  private static final Register[] REGISTERS = Register.values();

  private final Arch arch;
  private final long[] values;
  private final long known;
  private final @Nullable FloatRegisters floats;

  private CpuContext(Arch arch, long[] values, long known) {
    this(arch, values, known, null);
  }

  private CpuContext(Arch arch, long[] values, long known, @Nullable FloatRegisters floats) {
    this.arch = arch;
    this.values = values;
    this.known = known;
    this.floats = floats;
  }

  /** A context in which no register is known. */
  public static CpuContext unknown(Arch arch) {
    return new CpuContext(arch, new long[REGISTERS.length], 0);
  }

  /** The processor's architecture. */
  public Arch arch() {
    return arch;
  }

  /** The value, zero-extended from the register's width; 0 when unknown. */
  public long get(Register register) {
    return values[register.ordinal()];
  }

  /** True when the source held this register. */
  public boolean knows(Register register) {
    return (known & bit(register)) != 0;
  }

  /** The registers that are known. */
  public Set<Register> known() {
    Set<Register> set = EnumSet.noneOf(Register.class);
    for (Register register : REGISTERS) {
      if (knows(register)) {
        set.add(register);
      }
    }
    return set;
  }

  /**
   * The floating-point and vector registers, as long as this is the record that held them: copies
   * with another register, such as the contexts of callers, have none.
   */
  public Optional<FloatRegisters> floats() {
    return Optional.ofNullable(floats);
  }

  /** A copy with floating-point and vector registers. */
  CpuContext with(FloatRegisters registers) {
    return new CpuContext(arch, values, known, registers);
  }

  /** A copy in which one register is known to hold a value. */
  public CpuContext with(Register register, long value) {
    long[] copy = values.clone();
    copy[register.ordinal()] = arch.address(value);
    return new CpuContext(arch, copy, known | bit(register));
  }

  /** A copy in which one register is unknown. */
  public CpuContext without(Register register) {
    long[] copy = values.clone();
    copy[register.ordinal()] = 0;
    return new CpuContext(arch, copy, known & ~bit(register));
  }

  /** Collects registers one by one without a copy for each. */
  public static final class Builder {
    private final Arch arch;
    private final long[] values = new long[REGISTERS.length];
    private long known;

    /** Starts without any register. */
    public Builder(Arch arch) {
      this.arch = arch;
    }

    /** Makes a register known. */
    public Builder with(Register register, long value) {
      values[register.ordinal()] = arch.address(value);
      known |= bit(register);
      return this;
    }

    /** The registers collected so far. */
    public CpuContext build() {
      return new CpuContext(arch, values.clone(), known);
    }
  }

  /** The instruction pointer. */
  public long ip() {
    return get(Register.RIP);
  }

  /** The stack pointer. */
  public long sp() {
    return get(Register.RSP);
  }

  /** The frame pointer register. */
  public long bp() {
    return get(Register.RBP);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CpuContext c
        && c.arch == arch
        && c.known == known
        && Arrays.equals(c.values, values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "CpuContext[ip=0x"
        + Long.toHexString(ip())
        + ", sp=0x"
        + Long.toHexString(sp())
        + ", bp=0x"
        + Long.toHexString(bp())
        + "]";
  }

  private static long bit(Register register) {
    return 1L << register.ordinal();
  }
}
