// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;

/** A small machine: 12 bytes at 0x1000 and at the stack pointer, three symbols. */
final class SmallMachine implements ExpressionContext {
  private static final Map<String, Long> SYMBOLS =
      Map.of(
          "nt", 0x8080_0000L,
          "nt!kitrap08", 0x8089_0000L,
          "kitrap08", 0x8089_0000L,
          "nt!table", 0x1000L,
          "add", 0x8089_5000L,
          "bosshog!devicedispatch::dispatchpassthrough", 0xb80c_f36fL);
  private static final long[] WORDS = {0x1234_5678L, 0x8081_df65L, 0x1000L};

  private final Arch arch;
  boolean kernel = true;
  int radix = 16;

  SmallMachine(Arch arch) {
    this.arch = arch;
  }

  @Override
  public Arch arch() {
    return arch;
  }

  @Override
  public boolean kernelMode() {
    return kernel;
  }

  @Override
  public int radix() {
    return radix;
  }

  @Override
  public OptionalLong register(String name) {
    CpuContext context =
        CpuContext.unknown(arch)
            .with(Register.RSP, 0xffff_f800_0000_1000L)
            .with(Register.RIP, 0x8081_df65L)
            .with(Register.RAX, 0x1234_beefL)
            .with(Register.R8, 0x1122_3344_5566_7788L);
    if (arch == Arch.X86) {
      context = context.with(Register.RSP, 0x1000);
    }
    var part = RegisterNames.find(arch, name);
    return part.isPresent() ? OptionalLong.of(part.get().of(context)) : OptionalLong.empty();
  }

  @Override
  public OptionalLong pseudoRegister(String name) {
    return switch (name) {
      case "$ip" -> OptionalLong.of(0x8081_df65L);
      case "$t0" -> OptionalLong.of(0x42);
      case "$t1" -> OptionalLong.of(0);
      case "$ptrsize" -> OptionalLong.of(arch.pointerSize());
      default -> OptionalLong.empty();
    };
  }

  @Override
  public OptionalLong symbol(String name) {
    Long address = SYMBOLS.get(name.toLowerCase(Locale.ROOT));
    return address == null ? OptionalLong.empty() : OptionalLong.of(address);
  }

  @Override
  public OptionalLong read(long address, int size) {
    long offset = (address & 0xffff_ffffL) - 0x1000;
    if (offset < 0 || offset + size > 12) {
      return OptionalLong.empty();
    }
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      long at = offset + i;
      value = value << 8 | (WORDS[(int) (at / 4)] >>> 8 * (at % 4) & 0xff);
    }
    return OptionalLong.of(value);
  }

  @Override
  public OptionalLong readPhysical(long address, int size) {
    return read(address, size);
  }
}
