// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.sample.SharedFolder;
import org.jkd.sample.format.MsfzWriter;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PDB put into compressed containers says what it says by itself. */
class MsfzTest {
  private static final int PLAIN = 0;
  private static final int ZSTD = 1;
  private static final int DEFLATE = 2;

  @TempDir Path folder;

  private static Msf real() throws IOException {
    Path pdb = SharedFolder.find("data/pdb/sentry/crash.pdb").orElse(null);
    assumeTrue(pdb != null, "needs ../shared/data/pdb/sentry/crash.pdb");
    return new Msf(Bytes.map(pdb));
  }

  private static byte[] packed(Msf msf, int method, UnaryOperator<byte[]> compressor) {
    MsfzWriter writer = new MsfzWriter(method, compressor, 200_000);
    for (int i = 0; i < msf.streams(); i++) {
      writer.add(bytes(msf, i));
    }
    return writer.addNone().file();
  }

  private static byte[] bytes(Msf msf, int stream) {
    if (!msf.has(stream)) {
      return new byte[0];
    }
    MsfStream s = msf.stream(stream, "stream");
    return s.copy(0, (int) s.size());
  }

  private static byte[] deflate(byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater =
        new DeflaterOutputStream(out, new Deflater(Deflater.BEST_SPEED, true))) {
      deflater.write(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private byte[] zstd(byte[] data) {
    try {
      Path in = Files.write(folder.resolve("in"), data);
      Path out = folder.resolve("in.zst");
      assertThat(new ExternalTool("zstd").lines("-q", "-f", in.toString(), "-o", out.toString()))
          .isPresent();
      return Files.readAllBytes(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertSame(byte[] file, Msf before) {
    Bytes bytes = Bytes.of("x.pdb", file);
    Msf msf = new Msf(bytes);
    assertThat(msf.streams()).isEqualTo(before.streams() + 1);
    assertThat(msf.has(before.streams())).isFalse();
    for (int i = 0; i < before.streams(); i++) {
      assertThat(bytes(msf, i)).as("stream " + i).isEqualTo(bytes(before, i));
    }
    Pdb pdb = Pdb.open(bytes);
    assertThat(pdb.publics().count()).isGreaterThan(300);
    assertThat(pdb.moduleSymbols().count()).isGreaterThan(100);
    assertThat(pdb.problems()).isEmpty();
  }

  @Test
  void fragments_and_chunks_that_are_not_compressed() throws IOException {
    Msf msf = real();
    assertSame(packed(msf, PLAIN, data -> data), msf);
  }

  @Test
  void deflated_chunks() throws IOException {
    Msf msf = real();
    assertSame(packed(msf, DEFLATE, MsfzTest::deflate), msf);
  }

  @Test
  void zstandard_chunks() throws IOException {
    assumeTrue(new ExternalTool("zstd").isThere(), "needs zstd in PATH");
    Msf msf = real();
    assertSame(packed(msf, ZSTD, this::zstd), msf);
  }

  @Test
  void damage_ends_in_a_line() throws IOException {
    byte[] file = packed(real(), DEFLATE, MsfzTest::deflate);
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] damaged = file.clone();
      for (int n = 0; n < 4; n++) {
        int at = random.nextBoolean() ? random.nextInt(80) : random.nextInt(damaged.length);
        damaged[at] = (byte) random.nextInt();
      }
      try {
        Msf msf = new Msf(Bytes.of("x.pdb", damaged));
        for (int s = 0; s < Math.min(8, msf.streams()); s++) {
          bytes(msf, s);
        }
      } catch (FormatException e) {
        refused++;
        assertThat(e).message().doesNotContain("\n");
      }
    }
    assertThat(refused).isGreaterThan(200);
  }
}
