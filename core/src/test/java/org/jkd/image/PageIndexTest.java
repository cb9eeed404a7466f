// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The two indexes against the plainest possible reckoning. */
class PageIndexTest {
  @Test
  void bitmapCountsLikeABitSet() {
    Random random = new Random(7);
    for (int bits : new int[] {1, 7, 8, 63, 64, 511, 512, 513, 5000, 70_001}) {
      BitSet set = new BitSet();
      for (int i = 0; i < bits; i++) {
        if (random.nextInt(3) == 0) {
          set.set(i);
        }
      }
      byte[] bytes = new byte[(bits + 7) / 8];
      byte[] given = set.toByteArray();
      System.arraycopy(given, 0, bytes, 0, given.length);
      // Bits behind the last one are noise that must not count.
      bytes[bytes.length - 1] |= (byte) (bits % 8 == 0 ? 0 : 0xff << bits % 8);
      BitmapIndex index = new BitmapIndex(Bytes.of("bits", bytes), bits, 0x2000, set.cardinality());
      for (int i = 0; i < 2000; i++) {
        int bit = random.nextInt(bits);
        long wanted =
            set.get(bit) ? 0x2000 + 0x1000L * set.get(0, bit).cardinality() : PageIndex.ABSENT;
        assertThat(index.fileOffset(bit)).isEqualTo(wanted);
      }
      assertThat(index.rank(bits)).isEqualTo(set.cardinality());
      assertThat(index.fileOffset(bits)).isEqualTo(PageIndex.ABSENT);
      assertThat(index.fileOffset(-1)).isEqualTo(PageIndex.ABSENT);
    }
  }

  @Test
  void runsLieInTheFileInTheirOwnOrder() {
    RunIndex index =
        new RunIndex(
            List.of(
                new RunIndex.Run(0x100, 0x10), new RunIndex.Run(1, 2), new RunIndex.Run(0x50, 1)),
            0x1000);
    assertThat(index.pages()).isEqualTo(0x13);
    assertThat(index.fileOffset(0x100)).isEqualTo(0x1000);
    assertThat(index.fileOffset(0x10f)).isEqualTo(0x1_0000);
    assertThat(index.fileOffset(0x110)).isEqualTo(PageIndex.ABSENT);
    assertThat(index.fileOffset(1)).isEqualTo(0x1_1000);
    assertThat(index.fileOffset(0)).isEqualTo(PageIndex.ABSENT);
    assertThat(index.fileOffset(0x50)).isEqualTo(0x1_3000);
    assertThat(index.fileOffset(0x51)).isEqualTo(PageIndex.ABSENT);
    assertThat(new RunIndex(List.of(), 0x1000).fileOffset(0)).isEqualTo(PageIndex.ABSENT);
  }

  @Test
  void manyRunsWithOverlapsAndFarOnes() {
    Random random = new Random(11);
    List<RunIndex.Run> runs = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      runs.add(new RunIndex.Run(random.nextInt(20_000), 1 + random.nextInt(5)));
    }
    runs.add(new RunIndex.Run(1L << 35, 3));
    RunIndex index = new RunIndex(runs, 0);
    for (int page = 0; page < 20_010; page++) {
      int wanted = page;
      boolean held =
          runs.stream()
              .anyMatch(r -> r.basePage() <= wanted && wanted < r.basePage() + r.pageCount());
      assertThat(index.fileOffset(page) >= 0).as("page %d", page).isEqualTo(held);
    }
    assertThat(index.fileOffset((1L << 35) + 2)).isNotNegative();
    assertThat(index.fileOffset((1L << 35) + 3)).isEqualTo(PageIndex.ABSENT);
  }

  @Test
  void blocksOverlapAndMayBeCutOff() {
    byte[] a = {1, 2, 3, 4};
    byte[] b = {3, 4, 5, 6};
    BlockMemory memory =
        new BlockMemory(
            List.of(
                BlockMemory.Block.of(0x1000, Bytes.of("a", a)),
                BlockMemory.Block.of(0x1002, Bytes.of("b", b)),
                BlockMemory.Block.inFile(0x2000, 8, Bytes.of("c", a), 2),
                BlockMemory.Block.of(-2, Bytes.of("top", new byte[] {8, 9}))),
            new Unreadable.NoBlock());
    byte[] got = new byte[8];
    assertThat(memory.read(0x1000, got, 0, 8)).isEqualTo(6);
    assertThat(got).startsWith(1, 2, 3, 4, 5, 6);
    assertThat(memory.read(0x2000, got, 0, 8)).isEqualTo(2);
    assertThat(memory.whyUnreadable(0x2002)).isEqualTo(new Unreadable.FileEnds(4));
    assertThat(memory.whyUnreadable(0x1006)).isEqualTo(new Unreadable.NoBlock());
    assertThat(memory.read(-2, got, 0, 8)).isEqualTo(2);
    assertThat(memory.ranges()).hasSize(4);
  }

  /** Places so far behind the end that their distance overflows an int. */
  @Test
  void promisesFarPastTheEndGiveNothing() {
    Bytes file = Bytes.of("file", new byte[0x1000]);
    BlockMemory blocks =
        new BlockMemory(
            List.of(BlockMemory.Block.inFile(0x1000, 0xffff_f000L, file, 0x800)),
            new Unreadable.NoBlock());
    byte[] got = new byte[4];
    for (long at = 0x2000; at < 0xffff_0000L; at += 0x0fff_1234L) {
      assertThat(blocks.read(at, got, 0, 4)).isZero();
      assertThat(blocks.whyUnreadable(at)).isInstanceOf(Unreadable.FileEnds.class);
    }
    PagedFile pages = new PagedFile(file, new RunIndex(List.of(new RunIndex.Run(0, 1L << 30)), 0));
    for (long at = 0x2000; at < 1L << 41; at += 0x1_2345_6789L) {
      assertThat(pages.read(at, got, 0, 4)).isZero();
      assertThat(pages.whyUnreadable(at)).isInstanceOf(Unreadable.FileEnds.class);
    }
  }
}
