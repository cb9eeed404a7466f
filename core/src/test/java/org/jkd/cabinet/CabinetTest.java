// SPDX-License-Identifier: Apache-2.0
package org.jkd.cabinet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.sample.format.CabinetWriter;
import org.jkd.sample.format.LzxWriter;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CabinetTest {
  private static final int[] ALL = {1, 2, 3};

  @TempDir Path folder;

  /** Text, code with calls, noise and runs: what makes all parts of the codes occur. */
  private static byte[] mixed(int size, long seed) {
    Random random = new Random(seed);
    byte[] data = new byte[size];
    int at = 0;
    while (at < size) {
      int run = Math.min(size - at, 1 + random.nextInt(3000));
      switch (random.nextInt(5)) {
        case 0 -> {
          for (int i = 0; i < run; i++) {
            data[at + i] = (byte) random.nextInt();
          }
        }
        case 1 -> Arrays.fill(data, at, at + run, (byte) random.nextInt(4));
        case 2 -> {
          for (int i = 0; i + 5 <= run; i += 5) {
            data[at + i] = (byte) 0xe8;
            int target = random.nextInt(40) * 0x111 - at - i;
            for (int b = 0; b < 4; b++) {
              data[at + i + 1 + b] = (byte) (target >> 8 * b);
            }
          }
        }
        case 3 -> {
          byte[] word = ("_symbol" + random.nextInt(50) + "@4\0").getBytes(StandardCharsets.UTF_8);
          for (int i = 0; i < run; i++) {
            data[at + i] = word[i % word.length];
          }
        }
        default -> {
          int from = at == 0 ? 0 : random.nextInt(at);
          System.arraycopy(data, from, data, at, Math.min(run, size - at));
        }
      }
      at += run;
    }
    return data;
  }

  private static byte[] expand(byte[] cabinet) throws IOException {
    Cabinet c = new Cabinet(Bytes.of("test.cab", cabinet));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    c.expand(c.members().getFirst(), 1 << 26, out);
    return out.toByteArray();
  }

  private static List<byte[]> cabinets(byte[] data) {
    return List.of(
        CabinetWriter.stored("a.pdb", data),
        CabinetWriter.msZip("a.pdb", data),
        CabinetWriter.lzx("a.pdb", data, new LzxWriter(15, new int[] {1}, 1 << 20, false)),
        CabinetWriter.lzx("a.pdb", data, new LzxWriter(16, new int[] {2}, 40_001, true)),
        CabinetWriter.lzx("a.pdb", data, new LzxWriter(21, new int[] {3}, 33_333, false)),
        CabinetWriter.lzx("a.pdb", data, new LzxWriter(18, ALL, 20_001, true)),
        CabinetWriter.lzx("a.pdb", data, new LzxWriter(20, ALL, 70_000, true)));
  }

  @Test
  void allMethodsGiveTheFileBack() throws IOException {
    for (int size : new int[] {1, 11, 0x7fff, 0x8000, 0x8001, 300_001}) {
      byte[] data = mixed(size, size);
      int n = 0;
      for (byte[] cabinet : cabinets(data)) {
        assertThat(expand(cabinet)).as("%s bytes, method %s", size, n++).isEqualTo(data);
      }
    }
  }

  @Test
  void anotherImplementationReadsTheSameCabinetsAlike() throws Exception {
    byte[] data = mixed(400_000, 5);
    int n = 0;
    for (byte[] cabinet : cabinets(data)) {
      Path file = Files.write(folder.resolve("c" + n++ + ".cab"), cabinet);
      assertThat(Tool.run("cabextract", "-p", file.toString())).isEqualTo(data);
    }
  }

  @Test
  void cabinetsOfAnotherWriterAreRead() throws Exception {
    byte[] data = mixed(250_000, 6);
    Path file = Files.write(folder.resolve("x.pdb"), data);
    Path cabinet = folder.resolve("x.pd_");
    Tool.run("gcab", "-c", "-n", "-z", cabinet.toString(), file.toString());
    assertThat(expand(Files.readAllBytes(cabinet))).isEqualTo(data);
  }

  @Test
  void everyTruncationEndsInOneLine() {
    byte[] data = mixed(70_000, 7);
    for (byte[] cabinet : cabinets(data)) {
      for (int length = 0; length < cabinet.length; length += length < 100 ? 1 : 997) {
        byte[] cut = Arrays.copyOf(cabinet, length);
        assertThatThrownBy(() -> expand(cut))
            .isInstanceOf(FormatException.class)
            .message()
            .doesNotContain("\n");
      }
    }
  }

  @Test
  void damageIsNeverTakenForData() throws IOException {
    byte[] data = mixed(70_000, 8);
    Random random = new Random(9);
    for (byte[] cabinet : cabinets(data)) {
      int refused = 0;
      for (int i = 0; i < 200; i++) {
        byte[] bad = cabinet.clone();
        int at = random.nextInt(bad.length);
        bad[at] ^= (byte) (1 << random.nextInt(8));
        try {
          // What the checksums do not cover (dates, names, reserved words) may change.
          assertThat(expand(bad)).as("bit at %s", at).isEqualTo(data);
        } catch (FormatException e) {
          refused++;
        }
      }
      assertThat(refused).isGreaterThan(150);
    }
  }

  @Test
  void damageWithoutChecksumsStaysWithinBounds() throws IOException {
    byte[] data = mixed(70_000, 10);
    Random random = new Random(11);
    int refused = 0;
    for (byte[] cabinet : cabinets(data)) {
      for (int i = 0; i < 300; i++) {
        byte[] bad = withoutCheckSums(cabinet);
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          bad[60 + random.nextInt(bad.length - 60)] ^= (byte) (1 << random.nextInt(8));
        }
        try {
          assertThat(expand(bad)).hasSizeLessThanOrEqualTo(1 << 26);
        } catch (FormatException e) {
          assertThat(e.getMessage()).doesNotContain("\n");
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  private static byte[] withoutCheckSums(byte[] cabinet) {
    byte[] copy = cabinet.clone();
    Bytes b = Bytes.of("", cabinet);
    int at = (int) b.u32(36);
    for (int i = b.u16(40); i > 0; i--) {
      Arrays.fill(copy, at, at + 4, (byte) 0);
      at += 8 + b.u16(at + 4);
    }
    return copy;
  }

  @Test
  void sizesHaveLimits() {
    byte[] cabinet = CabinetWriter.msZip("a.pdb", new byte[1 << 20]);
    Cabinet c = new Cabinet(Bytes.of("a.pd_", cabinet));
    assertThat(c.members()).extracting(Cabinet.Member::name).containsExactly("a.pdb");
    assertThatThrownBy(
            () -> c.expand(c.members().getFirst(), 1000, OutputStream.nullOutputStream()))
        .hasMessage("a.pd_: expands to 1048576 bytes, the limit is 1000");
  }

  @Test
  void whatIsNotReadIsNamed() {
    byte[] cabinet = CabinetWriter.stored("a.pdb", new byte[100]);
    assertThatThrownBy(() -> new Cabinet(Bytes.of("x", new byte[100])))
        .hasMessageContaining("no MSCF signature");
    byte[] series = cabinet.clone();
    series[30] = 1;
    assertThatThrownBy(() -> new Cabinet(Bytes.of("x", series))).hasMessageContaining("series");
    byte[] quantum = cabinet.clone();
    quantum[42] = 2;
    assertThatThrownBy(() -> expand(quantum)).hasMessageContaining("Quantum");
    byte[] window = cabinet.clone();
    window[42] = 3;
    window[43] = 25;
    assertThatThrownBy(() -> expand(window)).hasMessageContaining("window of 25 bits");
  }

  /** A program of the system; a test that needs one that is missing is skipped. */
  private static final class Tool {
    static byte[] run(String... command) throws IOException, InterruptedException {
      Process process;
      try {
        process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      } catch (IOException e) {
        Assumptions.abort("needs " + command[0]);
        return new byte[0];
      }
      byte[] out = process.getInputStream().readAllBytes();
      assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
      return out;
    }
  }
}
