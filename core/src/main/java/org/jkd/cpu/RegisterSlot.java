// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.OptionalLong;
import org.jkd.image.Bytes;
import org.jkd.image.MemoryReader;

/**
 * Where a structure keeps a register.
 *
 * @param offset bytes from the structure's start
 * @param size bytes: 2, 4 or 8
 * @param group bits of the groups that the register belongs to, as the structure counts them
 */
record RegisterSlot(Register register, int offset, int size, int group) {
  /** The registers whose group is among {@code groups}; the others stay unknown. */
  static CpuContext read(Arch arch, RegisterSlot[] slots, Bytes bytes, int groups) {
    CpuContext context = CpuContext.unknown(arch);
    for (RegisterSlot slot : slots) {
      if ((slot.group & groups) != 0) {
        context = context.with(slot.register, slot.value(bytes));
      }
    }
    return context;
  }

  /** Adds the registers whose place in a structure at {@code address} can be read. */
  static CpuContext read(
      CpuContext context, RegisterSlot[] slots, MemoryReader reader, long address) {
    CpuContext all = context;
    for (RegisterSlot slot : slots) {
      OptionalLong value = reader.number(address + slot.offset, slot.size);
      if (value.isPresent()) {
        all = all.with(slot.register, value.getAsLong());
      }
    }
    return all;
  }

  private long value(Bytes bytes) {
    return switch (size) {
      case 2 -> bytes.u16(offset);
      case 4 -> bytes.u32(offset);
      default -> bytes.u64(offset);
    };
  }
}
