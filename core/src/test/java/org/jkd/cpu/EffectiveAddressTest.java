// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Map;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;
import org.jkd.image.Unreadable;
import org.junit.jupiter.api.Test;

final class EffectiveAddressTest {
  /** Memory in which every byte below 0x1000_0000 reads as the low byte of its address. */
  private static final Memory LOW =
      new Memory() {
        @Override
        public int read(long address, byte[] target, int at, int length) {
          int n = 0;
          while (n < length && Long.compareUnsigned(address + n, 0x1000_0000L) < 0) {
            target[at + n] = (byte) (address + n);
            n++;
          }
          return n;
        }

        @Override
        public Unreadable whyUnreadable(long address) {
          throw new UnsupportedOperationException("not asked here");
        }
      };

  private static String note(Arch arch, String hex, CpuContext context) {
    byte[] code = HexFormat.of().parseHex(hex);
    Instruction in = new Instruction();
    assertThat(new Decoder(arch).decode(code, 0, code.length, 0x401000, in)).isPositive();
    StringBuilder out = new StringBuilder();
    Map<Long, String> names = Map.of(0x23222120L, "nt!Foo");
    EffectiveAddress.note(in, context, new MemoryReader(LOW, arch.pointerSize()), names::get, out);
    return out.toString();
  }

  @Test
  void notesOfPublishedLines() {
    CpuContext context =
        CpuContext.unknown(Arch.X86).with(Register.RSP, 0x83844d04L).with(Register.SS, 0x10);
    assertThat(note(Arch.X86, "89442428", context)).isEqualTo(" ss:0010:83844d2c=????????");
    CpuContext x64 = CpuContext.unknown(Arch.X64).with(Register.RSP, 0xffff84028b909f80L);
    assertThat(note(Arch.X64, "48894c2408", x64))
        .isEqualTo(" ss:0018:ffff8402`8b909f88=????????????????");
    CpuContext low = CpuContext.unknown(Arch.X86).with(Register.RAX, 10);
    assertThat(note(Arch.X86, "8b08", low)).isEqualTo(" ds:0023:0000000a=0d0c0b0a");
    assertThat(note(Arch.X86, "8a08", low)).isEqualTo(" ds:0023:0000000a=0a");
  }

  @Test
  void indirectCallsNameTheirTarget() {
    CpuContext context = CpuContext.unknown(Arch.X86);
    assertThat(note(Arch.X86, "ff1520000000", context))
        .isEqualTo(" ds:0023:00000020={nt!Foo (23222120)}");
    assertThat(note(Arch.X86, "ff1530000000", context)).isEqualTo(" ds:0023:00000030=33323130");
  }

  @Test
  void unknownRegistersGiveNoNote() {
    CpuContext context = CpuContext.unknown(Arch.X86);
    assertThat(note(Arch.X86, "8b08", context)).isEmpty();
    assertThat(note(Arch.X86, "8bc8", context)).isEmpty();
    assertThat(note(Arch.X86, "8d4508", context.with(Register.RBP, 16))).isEmpty();
    assertThat(note(Arch.X86, "64a118000000", context)).isEqualTo(" fs:0030:00000018=????????");
  }

  @Test
  void conditionalJumpsSayWhetherTheyBranch() {
    CpuContext zero = CpuContext.unknown(Arch.X86).with(Register.EFLAGS, 0x40);
    assertThat(note(Arch.X86, "7410", zero)).isEqualTo(" [br=1]");
    assertThat(note(Arch.X86, "7510", zero)).isEqualTo(" [br=0]");
    assertThat(note(Arch.X86, "7e10", zero)).isEqualTo(" [br=1]");
    assertThat(note(Arch.X86, "7c10", zero)).isEqualTo(" [br=0]");
    assertThat(note(Arch.X86, "7410", CpuContext.unknown(Arch.X86))).isEmpty();
  }
}
