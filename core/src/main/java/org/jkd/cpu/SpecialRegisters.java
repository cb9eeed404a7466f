// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;

/**
 * The registers of a processor that programs do not see: KSPECIAL_REGISTERS.
 *
 * @param cr2 the address of the last page fault
 * @param gdtLimit the last byte of the table, as the processor counts
 * @param tr the selector of the running task
 */
public record SpecialRegisters(
    long cr0,
    long cr2,
    long cr3,
    long cr4,
    long gdtBase,
    int gdtLimit,
    long idtBase,
    int idtLimit,
    int tr,
    int ldtr) {
  private static final int SIZE_X86 = 0x3c;
  private static final int SIZE_X64 = 0x74;

  /** Reads them; dump-formats.md, 4.1. Empty when any byte is missing, or on ARM64. */
  public static Optional<SpecialRegisters> read(Arch arch, Memory memory, long address) {
    MemoryReader reader = new MemoryReader(memory, arch.pointerSize());
    if (arch == Arch.ARM64) {
      return Optional.empty();
    }
    Optional<byte[]> bytes = reader.bytes(address, arch == Arch.X86 ? SIZE_X86 : SIZE_X64);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    Bytes registers = Bytes.of("registers", bytes.get());
    return Optional.of(arch == Arch.X86 ? x86(registers) : x64(registers));
  }

  private static SpecialRegisters x86(Bytes b) {
    return new SpecialRegisters(
        b.u32(0),
        b.u32(4),
        b.u32(8),
        b.u32(0xc),
        b.u32(0x2c),
        b.u16(0x2a),
        b.u32(0x34),
        b.u16(0x32),
        b.u16(0x38),
        b.u16(0x3a));
  }

  private static SpecialRegisters x64(Bytes b) {
    return new SpecialRegisters(
        b.u64(0),
        b.u64(8),
        b.u64(0x10),
        b.u64(0x18),
        b.u64(0x58),
        b.u16(0x56),
        b.u64(0x68),
        b.u16(0x66),
        b.u16(0x70),
        b.u16(0x72));
  }
}
