// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.jkd.image.Bytes;
import org.jkd.image.CancelledException;
import org.jkd.image.FormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages of a file give the same bytes as the file in memory, whichever way they were read. */
class FilePagesTest {
  private static final int SIZE = (3 << 20) + 123;

  @TempDir Path folder;

  private final byte[] bytes = new byte[SIZE];

  private FilePages open() throws IOException {
    new Random(5).nextBytes(bytes);
    Path file = folder.resolve("pages.pdb");
    Files.write(file, bytes);
    return new FilePages(file);
  }

  @Test
  void allReadsGiveTheBytesOfTheFile() throws IOException {
    FilePages pages = open();
    Bytes want = Bytes.of("pages.pdb", bytes);
    Random random = new Random(6);
    assertThat(pages.size()).isEqualTo(SIZE);
    assertThat(pages.isMapped()).isFalse();
    int paged = 0;
    for (int i = 0; i < 20_000; i++) {
      // Every other place lies around the border of two pages.
      long at =
          i % 2 == 0
              ? random.nextInt(SIZE - 600)
              : random.nextInt(1, 380) * 8192L - random.nextInt(9);
      assertThat(pages.u8(at)).isEqualTo(want.u8(at));
      assertThat(pages.u16(at)).isEqualTo(want.u16(at));
      assertThat(pages.i32(at)).isEqualTo(want.i32(at));
      assertThat(pages.u32(at)).isEqualTo(want.u32(at));
      assertThat(pages.u64(at)).isEqualTo(want.u64(at));
      assertThat(pages.lengthToNul(at, 500)).isEqualTo(want.lengthToNul(at, 500));
      byte[] copy = new byte[70];
      pages.copy(at, copy, 10, 60);
      assertThat(copy).endsWith(want.copy(at, 60));
      paged += pages.isMapped() ? 0 : 1;
    }
    assertThat(paged).isBetween(100, 10_000);
    assertThat(pages.isMapped()).isTrue();
  }

  @Test
  void longCopiesGiveTheBytesOfTheFile() throws IOException {
    FilePages pages = open();
    byte[] copy = new byte[SIZE];
    pages.copy(0, copy, 0, SIZE / 2);
    assertThat(pages.isMapped()).isFalse();
    pages.copy(SIZE / 2, copy, SIZE / 2, SIZE - SIZE / 2);
    assertThat(copy).isEqualTo(bytes);
  }

  @Test
  void readsOutsideTheFileAreRefused() throws IOException {
    FilePages pages = open();
    for (long at : new long[] {-1, SIZE - 3, SIZE, 1L << 40, Long.MAX_VALUE}) {
      assertThat(pages.has(at, 4)).isFalse();
      assertThatThrownBy(() -> pages.i32(at))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("pages.pdb");
    }
    assertThat(pages.lengthToNul(SIZE, 10)).isZero();
  }

  @Test
  void aFileThatWasCutMeanwhileIsNamed() throws IOException {
    FilePages pages = open();
    pages.u8(0);
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("pages.pdb").toFile(), "rw")) {
      file.setLength(100_000);
    }
    assertThatThrownBy(() -> pages.u8(2_000_000))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("pages.pdb")
        .hasMessageContaining("expected a file of " + SIZE + " bytes");
  }

  @Test
  void anInterruptionIsNoFaultOfTheFile() throws IOException {
    FilePages pages = open();
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> pages.copy(0, new byte[SIZE], 0, SIZE))
          .isInstanceOf(CancelledException.class);
    } finally {
      Thread.interrupted();
    }
    byte[] copy = new byte[SIZE];
    pages.copy(0, copy, 0, SIZE);
    assertThat(copy).isEqualTo(bytes);
    assertThat(pages.isMapped()).isTrue();
  }
}
