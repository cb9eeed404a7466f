// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;

/**
 * Reads CONTEXT records: the registers as Windows passes them around. Layouts are those of winnt.h;
 * dump-formats.md, 4.6.
 *
 * <p>A record names the groups of registers that it holds. Some writers leave that field 0; then
 * everything is taken to be there, provided that the instruction and stack pointers are.
 */
public final class ContextRecord {
  private static final int CONTROL = 1;
  private static final int INTEGER = 2;
  private static final int SEGMENTS = 4;
  private static final int DEBUG = 0x10;
  private static final int ALL = CONTROL | INTEGER | SEGMENTS;

  private static final int SIZE_X86 = 0xcc;
  private static final int SIZE_X64 = 0x100;
  private static final int SIZE_ARM64 = 0x110;

  /** With the floating-point and vector registers; winnt.h. */
  private static final int WHOLE_X86 = 0x2cc;

  private static final int WHOLE_X64 = 0x300;

  private static final RegisterSlot[] X86 = {
    new RegisterSlot(Register.DR0, 0x04, 4, DEBUG),
    new RegisterSlot(Register.DR1, 0x08, 4, DEBUG),
    new RegisterSlot(Register.DR2, 0x0c, 4, DEBUG),
    new RegisterSlot(Register.DR3, 0x10, 4, DEBUG),
    new RegisterSlot(Register.DR6, 0x14, 4, DEBUG),
    new RegisterSlot(Register.DR7, 0x18, 4, DEBUG),
    new RegisterSlot(Register.GS, 0x8c, 2, SEGMENTS),
    new RegisterSlot(Register.FS, 0x90, 2, SEGMENTS),
    new RegisterSlot(Register.ES, 0x94, 2, SEGMENTS),
    new RegisterSlot(Register.DS, 0x98, 2, SEGMENTS),
    new RegisterSlot(Register.RDI, 0x9c, 4, INTEGER),
    new RegisterSlot(Register.RSI, 0xa0, 4, INTEGER),
    new RegisterSlot(Register.RBX, 0xa4, 4, INTEGER),
    new RegisterSlot(Register.RDX, 0xa8, 4, INTEGER),
    new RegisterSlot(Register.RCX, 0xac, 4, INTEGER),
    new RegisterSlot(Register.RAX, 0xb0, 4, INTEGER),
    new RegisterSlot(Register.RBP, 0xb4, 4, CONTROL),
    new RegisterSlot(Register.RIP, 0xb8, 4, CONTROL),
    new RegisterSlot(Register.CS, 0xbc, 2, CONTROL),
    new RegisterSlot(Register.EFLAGS, 0xc0, 4, CONTROL),
    new RegisterSlot(Register.RSP, 0xc4, 4, CONTROL),
    new RegisterSlot(Register.SS, 0xc8, 2, CONTROL),
  };

  private static final RegisterSlot[] X64 = {
    new RegisterSlot(Register.CS, 0x38, 2, CONTROL),
    new RegisterSlot(Register.DS, 0x3a, 2, SEGMENTS),
    new RegisterSlot(Register.ES, 0x3c, 2, SEGMENTS),
    new RegisterSlot(Register.FS, 0x3e, 2, SEGMENTS),
    new RegisterSlot(Register.GS, 0x40, 2, SEGMENTS),
    new RegisterSlot(Register.SS, 0x42, 2, CONTROL),
    new RegisterSlot(Register.EFLAGS, 0x44, 4, CONTROL),
    new RegisterSlot(Register.DR0, 0x48, 8, DEBUG),
    new RegisterSlot(Register.DR1, 0x50, 8, DEBUG),
    new RegisterSlot(Register.DR2, 0x58, 8, DEBUG),
    new RegisterSlot(Register.DR3, 0x60, 8, DEBUG),
    new RegisterSlot(Register.DR6, 0x68, 8, DEBUG),
    new RegisterSlot(Register.DR7, 0x70, 8, DEBUG),
    new RegisterSlot(Register.RAX, 0x78, 8, INTEGER),
    new RegisterSlot(Register.RCX, 0x80, 8, INTEGER),
    new RegisterSlot(Register.RDX, 0x88, 8, INTEGER),
    new RegisterSlot(Register.RBX, 0x90, 8, INTEGER),
    new RegisterSlot(Register.RSP, 0x98, 8, CONTROL),
    new RegisterSlot(Register.RBP, 0xa0, 8, INTEGER),
    new RegisterSlot(Register.RSI, 0xa8, 8, INTEGER),
    new RegisterSlot(Register.RDI, 0xb0, 8, INTEGER),
    new RegisterSlot(Register.R8, 0xb8, 8, INTEGER),
    new RegisterSlot(Register.R9, 0xc0, 8, INTEGER),
    new RegisterSlot(Register.R10, 0xc8, 8, INTEGER),
    new RegisterSlot(Register.R11, 0xd0, 8, INTEGER),
    new RegisterSlot(Register.R12, 0xd8, 8, INTEGER),
    new RegisterSlot(Register.R13, 0xe0, 8, INTEGER),
    new RegisterSlot(Register.R14, 0xe8, 8, INTEGER),
    new RegisterSlot(Register.R15, 0xf0, 8, INTEGER),
    new RegisterSlot(Register.RIP, 0xf8, 8, CONTROL),
  };

  /** The few registers of ARM64 that have a counterpart: pc, sp and the frame pointer. */
  private static final RegisterSlot[] ARM64 = {
    new RegisterSlot(Register.RBP, 0xf0, 8, INTEGER),
    new RegisterSlot(Register.RSP, 0x100, 8, CONTROL),
    new RegisterSlot(Register.RIP, 0x108, 8, CONTROL),
  };

  private ContextRecord() {}

  /** How many leading bytes of a record are needed. */
  public static int size(Arch arch) {
    return switch (arch) {
      case X86 -> SIZE_X86;
      case X64 -> SIZE_X64;
      case ARM64 -> SIZE_ARM64;
    };
  }

  /**
   * The registers of a record at the start of {@code bytes}, which has at least {@link #size}
   * bytes; those of the floating-point and vector units as well if the bytes go that far.
   */
  public static CpuContext read(Arch arch, Bytes bytes) {
    CpuContext all =
        switch (arch) {
          case X86 -> RegisterSlot.read(arch, X86, bytes, groups(bytes.u32(0), 0x1_0000));
          case X64 -> RegisterSlot.read(arch, X64, bytes, groups(bytes.u32(0x30), 0x10_0000));
          case ARM64 -> RegisterSlot.read(arch, ARM64, bytes, groups(bytes.u32(0), 0x40_0000));
        };
    if (all.ip() == 0 && all.sp() == 0) {
      return CpuContext.unknown(arch);
    }
    Optional<FloatRegisters> floats = FloatRegisters.read(arch, bytes);
    return floats.isPresent() ? all.with(floats.get()) : all;
  }

  /** The registers of a record in a target's memory; empty when any byte of it is missing. */
  public static Optional<CpuContext> read(Arch arch, Memory memory, long address) {
    MemoryReader reader = new MemoryReader(memory, arch.pointerSize());
    Optional<byte[]> bytes = reader.bytes(address, wholeSize(arch));
    if (bytes.isEmpty()) {
      bytes = reader.bytes(address, size(arch));
    }
    return bytes.isPresent()
        ? Optional.of(read(arch, Bytes.of("context record", bytes.get())))
        : Optional.empty();
  }

  private static int wholeSize(Arch arch) {
    return switch (arch) {
      case X86 -> WHOLE_X86;
      case X64 -> WHOLE_X64;
      case ARM64 -> SIZE_ARM64;
    };
  }

  private static int groups(long flags, long archBit) {
    return (flags & archBit) != 0 ? (int) flags & (ALL | DEBUG) : ALL;
  }
}
