// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jkd.image.Bytes;
import org.junit.jupiter.api.Test;

/** Floating-point and vector registers of context records, laid out by hand after winnt.h. */
class FloatRegistersTest {
  /** Pi as the processor's FLDPI loads it: Intel's manual, volume 1, 8.3.8. */
  private static final long PI = 0xc90f_daa2_2168_c235L;

  private static ByteBuffer record(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer x64() {
    ByteBuffer b = record(0x4d0);
    b.putInt(0x30, 0x10_000f).putLong(0x98, 0x1000).putLong(0xf8, 0x2000);
    b.putShort(0x100, (short) 0x27f);
    b.putShort(0x102, (short) (6 << 11)); // two registers are in use: 6 and 7
    b.put(0x104, (byte) 0xc0);
    b.putLong(0x120, PI).putShort(0x128, (short) 0x4000);
    b.putLong(0x1a0 + 3 * 16, 0x4000_0000_3f80_0000L);
    return b;
  }

  private static CpuContext read(Arch arch, ByteBuffer record) {
    return ContextRecord.read(arch, Bytes.of("record", record.array()));
  }

  @Test
  void sixtyFourBits() {
    FloatRegisters f = read(Arch.X64, x64()).floats().orElseThrow();
    assertThat(f.stack().getFirst()).isEqualTo(new FloatRegisters.Extended(0x4000, PI));
    // Register 6 holds pi (valid, 0), register 7 nothing but zero (1), the others are empty (3).
    assertThat(f.tagWord()).isEqualTo(0x4fff);
    assertThat(f.vectors()).hasSize(16);
    assertThat(f.vectors().get(3).single(0)).isEqualTo(1f);
    assertThat(f.vectors().get(3).single(1)).isEqualTo(2f);
  }

  @Test
  void thirtyTwoBits() {
    ByteBuffer b = record(0x2cc);
    b.putInt(0, 0x1_000f).putInt(0xb8, 0x2000).putInt(0xc4, 0x1000);
    b.putInt(0x1c, 0xffff_027f).putInt(0x24, 0xffff_3fff);
    b.putLong(0x38, PI).putShort(0x40, (short) 0x4000);
    FloatRegisters f = read(Arch.X86, b).floats().orElseThrow();
    assertThat(f.controlWord()).isEqualTo(0x27f);
    assertThat(f.tagWord()).isEqualTo(0x3fff);
    assertThat(f.stack().getFirst()).isEqualTo(new FloatRegisters.Extended(0x4000, PI));
    assertThat(f.vectors()).isEmpty();

    b.putInt(0, 0x1_003f).putLong(0xcc + 0xa0, 0x3f80_0000);
    assertThat(read(Arch.X86, b).floats().orElseThrow().vectors()).hasSize(8);
  }

  @Test
  void whatNoProcessorWritesIsNotHeld() {
    ByteBuffer b = x64();
    b.putShort(0x100, (short) 0x108); // seen in a dump of Windows 10 1809 whose flags claim them
    assertThat(read(Arch.X64, b).floats()).isEmpty();
    assertThat(read(Arch.X64, x64().putInt(0x30, 0x10_0007)).floats()).isEmpty();
  }

  @Test
  void aRecordThatIsCutOffHasTheOthers() {
    byte[] whole = x64().array();
    byte[] part = java.util.Arrays.copyOf(whole, ContextRecord.size(Arch.X64));
    CpuContext context = ContextRecord.read(Arch.X64, Bytes.of("record", part));
    assertThat(context.ip()).isEqualTo(0x2000);
    assertThat(context.floats()).isEmpty();
  }
}
