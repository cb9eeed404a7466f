// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers are read right wherever they lie, also in files that no single buffer can hold. */
class BytesTest {
  private static final long GIGABYTE = 1L << 30;

  @TempDir Path folder;

  @Test
  void numbersAcrossGigabytes() throws IOException {
    Path path = folder.resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(3 * GIGABYTE + 5);
      for (int i = 1; i <= 3; i++) {
        file.seek(i * GIGABYTE - 3);
        file.writeLong(0x0102030405060708L);
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      Bytes whole = Bytes.map(path, arena);
      assertThat(whole.size()).isEqualTo(3 * GIGABYTE + 5);
      for (int i = 1; i <= 3; i++) {
        long at = i * GIGABYTE - 3;
        Bytes part = whole.slice("part", at - 20, 28);
        assertThat(whole.u64(at)).isEqualTo(0x0807060504030201L);
        assertThat(part.u64(20)).isEqualTo(0x0807060504030201L);
        assertThat(whole.i32(at + 1)).isEqualTo(0x05040302);
        assertThat(part.i32(21)).isEqualTo(0x05040302);
        assertThat(part.u16(22)).isEqualTo(0x0403);
        assertThat(part.u8(23)).isEqualTo(4);
        assertThat(part.slice(18, 10).lengthToNul(2, 8)).isEqualTo(8);
        assertThat(part.lengthToNul(19, 8)).isZero();
        assertThat(part.copy(20, 8)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThatThrownBy(() -> part.i32(25))
            .isInstanceOf(FormatException.class)
            .hasMessageContaining("part");
      }
      assertThatThrownBy(() -> whole.u16(3 * GIGABYTE + 4)).isInstanceOf(FormatException.class);
    }
  }

  @Test
  void numbersOfAnArray() {
    Bytes bytes =
        Bytes.of("array", new byte[] {(byte) 0xfe, (byte) 0xff, 1, 0, 0, 0, 0, (byte) 0x80});
    assertThat(bytes.u8(0)).isEqualTo(0xfe);
    assertThat(bytes.u16(0)).isEqualTo(0xfffe);
    assertThat(bytes.u32(4)).isEqualTo(0x8000_0000L);
    assertThat(bytes.u64(0)).isEqualTo(0x8000_0000_0001_fffeL);
    assertThatThrownBy(() -> bytes.u8(8)).isInstanceOf(FormatException.class);
    assertThatThrownBy(() -> bytes.u64(-1)).isInstanceOf(FormatException.class);
    assertThat(Bytes.of("empty", new byte[0]).lengthToNul(0, 4)).isZero();
  }
}
