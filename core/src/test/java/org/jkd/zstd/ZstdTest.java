// SPDX-License-Identifier: Apache-2.0
package org.jkd.zstd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.jkd.image.FormatException;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the zstd program compressed is expanded again. */
class ZstdTest {
  private static final ExternalTool TOOL = new ExternalTool("zstd");

  @TempDir Path folder;

  /** Text, numbers, zeros, noise: literals of all kinds, and matches near and far. */
  private static byte[] data(int size, int seed) {
    Random random = new Random(seed);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String[] words = {"nt!", "KiTrap0E", "IofCallDriver", "fltmgr", "hog", "\0\0\0\0", "+0x"};
    while (out.size() < size) {
      switch (random.nextInt(5)) {
        case 0 -> out.writeBytes(new byte[random.nextInt(400)]);
        case 1 -> {
          byte[] noise = new byte[random.nextInt(300)];
          random.nextBytes(noise);
          out.writeBytes(noise);
        }
        case 2 -> {
          byte[] before = out.toByteArray();
          int from = before.length == 0 ? 0 : random.nextInt(before.length);
          out.write(before, from, Math.min(before.length - from, random.nextInt(70_000)));
        }
        default ->
            out.writeBytes(
                words[random.nextInt(words.length)].getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    byte[] result = new byte[size];
    System.arraycopy(out.toByteArray(), 0, result, 0, size);
    return result;
  }

  private byte[] compressed(byte[] data, String... options) throws IOException {
    assumeTrue(TOOL.isThere(), "needs zstd in PATH");
    Path in = Files.write(folder.resolve("in"), data);
    Path out = folder.resolve("out");
    String[] arguments = new String[options.length + 5];
    System.arraycopy(options, 0, arguments, 0, options.length);
    arguments[options.length] = "-q";
    arguments[options.length + 1] = "-f";
    arguments[options.length + 2] = in.toString();
    arguments[options.length + 3] = "-o";
    arguments[options.length + 4] = out.toString();
    assertThat(TOOL.lines(arguments)).isPresent();
    return Files.readAllBytes(out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--fast=5", "-1", "-3", "-9", "-19"})
  void allLevels(String level) throws IOException {
    for (int size : new int[] {0, 1, 5, 100, 1000, 70_000, 400_000}) {
      byte[] data = data(size, size + level.hashCode());
      assertThat(Zstd.expand(compressed(data, level), size)).isEqualTo(data);
    }
  }

  @Test
  void framesInARow() throws IOException {
    byte[] one = data(5000, 1);
    byte[] other = data(300_000, 2);
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(compressed(one, "--no-check"));
    both.writeBytes(new byte[] {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 7, 7, 7}); // to be skipped
    both.writeBytes(compressed(other, "-5"));
    byte[] expanded = Zstd.expand(both.toByteArray(), one.length + other.length);
    assertThat(expanded).startsWith(one).endsWith(other);
  }

  @Test
  void damageEndsInALine() throws IOException {
    byte[] data = data(60_000, 3);
    byte[] good = compressed(data, "-12");
    assertThatThrownBy(() -> Zstd.expand(good, data.length + 1))
        .hasMessageContaining("expected 60001 bytes, found 60000");
    Random random = new Random(9);
    for (int i = 0; i < 2000; i++) {
      byte[] bad = good.clone();
      for (int n = 0; n <= i % 3; n++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(Zstd.expand(bad, data.length)).hasSize(data.length);
      } catch (FormatException e) {
        assertThat(e).message().doesNotContain("\n");
      }
    }
    for (int length = 0; length < good.length; length += 97) {
      byte[] cut = new byte[length];
      System.arraycopy(good, 0, cut, 0, length);
      assertThatThrownBy(() -> Zstd.expand(cut, data.length)).isInstanceOf(FormatException.class);
    }
  }
}
