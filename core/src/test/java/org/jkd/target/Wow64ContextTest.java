// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.mini.MiniDump;
import org.jkd.image.Bytes;
import org.junit.jupiter.api.Test;

/** The 32-bit registers of a WOW64 thread, in a minidump written here: TEB slot, then CONTEXT. */
class Wow64ContextTest {
  private static final long TEB = 0x7efd_b000L;
  private static final long RESERVED = 0x8fd20L;
  private static final int SLOT = 0x1480 + 8;

  private static final int DIRECTORY = 0x20;
  private static final int SYSTEM = 0x60;
  private static final int THREADS = 0xa0;
  private static final int MEMORY = 0xe0;
  private static final int WIDE_CONTEXT = 0x200;
  private static final int TEB_BYTES = 0x800;
  private static final int RESERVED_BYTES = 0x900;
  private static final int NARROW_CONTEXT_SIZE = 0x2cc;

  @Test
  void lieBehindTheSecondTlsSlotOfThe64BitTeb() {
    CpuContext context = read(9, RESERVED).orElseThrow();
    assertEquals(Arch.X86, context.arch());
    assertEquals(0x7741_0e2cL, context.ip());
    assertEquals(0x0019_ff00L, context.sp());
    assertEquals(0x0019_ff74L, context.bp());
  }

  @Test
  void areMissingWhereTheSlotIsEmptyOrItsMemoryIsNotInTheDump() {
    assertEquals(Optional.empty(), read(9, 0));
    assertEquals(Optional.empty(), read(9, RESERVED + 0x10_0000));
  }

  @Test
  void areNotLookedForIn32BitDumps() {
    assertEquals(Optional.empty(), read(0, RESERVED));
  }

  private static Optional<CpuContext> read(int processor, long slot) {
    UserTarget target = new UserTarget(MiniDump.open(Bytes.of("wow", dump(processor, slot))));
    return target.wow64Context(target.threads().getFirst());
  }

  private static byte[] dump(int processor, long slot) {
    ByteBuffer file = ByteBuffer.allocate(0x1000).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0, 0x504d_444d).putInt(4, 0xa793).putInt(8, 3).putInt(12, DIRECTORY);
    stream(file, 0, 7, 0x38, SYSTEM);
    stream(file, 1, 3, 4 + 0x30, THREADS);
    stream(file, 2, 5, 4 + 2 * 0x10, MEMORY);
    file.putShort(SYSTEM, (short) processor);
    file.putInt(THREADS, 1).putInt(THREADS + 4, 0x664).putLong(THREADS + 0x14, TEB);
    file.putInt(THREADS + 0x2c, 0x4d0).putInt(THREADS + 0x30, WIDE_CONTEXT);
    file.putInt(MEMORY, 2);
    block(file, MEMORY + 4, TEB + SLOT, 8, TEB_BYTES);
    block(file, MEMORY + 0x14, RESERVED, 4 + NARROW_CONTEXT_SIZE, RESERVED_BYTES);
    file.putLong(TEB_BYTES, slot);
    int context = RESERVED_BYTES + 4;
    file.putInt(context, 0x1_0007);
    file.putInt(context + 0xb4, 0x0019_ff74);
    file.putInt(context + 0xb8, 0x7741_0e2c);
    file.putInt(context + 0xc4, 0x0019_ff00);
    return file.array();
  }

  private static void stream(ByteBuffer file, int index, int type, int size, int at) {
    int entry = DIRECTORY + 12 * index;
    file.putInt(entry, type).putInt(entry + 4, size).putInt(entry + 8, at);
  }

  private static void block(ByteBuffer file, int entry, long address, int size, int at) {
    file.putLong(entry, address).putInt(entry + 8, size).putInt(entry + 12, at);
  }
}
