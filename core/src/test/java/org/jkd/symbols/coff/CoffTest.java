// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.coff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.symbols.Symbol;
import org.jkd.testing.ExternalTool;
import org.jkd.testing.MingwSample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoffTest {
  private static final ExternalTool NM = new ExternalTool("llvm-nm-19");

  @TempDir Path folder = Path.of("");

  /** Every symbol with an address, by its decorated name, is where {@code llvm-nm} has it. */
  @ParameterizedTest
  @CsvSource({"gcc, x86_64", "gcc, i686", "clang, x86_64", "clang, i686"})
  void symbolsAreThoseOfLlvmNm(String compiler, String target) throws IOException {
    assumeTrue(NM.isThere(), "needs llvm-nm-19");
    Path driver = MingwSample.build(folder, compiler, target, "driver.c", "-O1", "-g");
    CoffImage image = CoffImage.read(Bytes.map(driver));
    Set<String> ours = new TreeSet<>();
    for (Symbol s : image.symbols()) {
      ours.add(String.format(Locale.ROOT, "%x %s", image.imageBase() + s.rva(), s.decorated()));
    }
    Set<String> theirs =
        NM.lines("--no-sort", driver.toString()).orElseThrow().stream()
            .map(l -> l.split(" ", 3))
            // Absolute symbols and those of sections are no places in the code.
            .filter(w ->
                w.length == 3
                    && !w[0].isEmpty()
                    && !w[1].equalsIgnoreCase("a")
                    && !w[2].startsWith("."))
            .map(w -> w[0].replaceFirst("^0+(?=.)", "") + " " + w[2])
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(ours).hasSizeGreaterThan(8).containsAll(theirs);
    ours.removeAll(theirs);
    // LLVM takes gcc's static function at the start of a section for the section itself.
    assertThat(ours).allMatch(s -> s.matches("\\w+1000 _?sum"));
  }

  @Test
  void namesAreShownWithoutTheirDecoration() throws IOException {
    Path driver = MingwSample.build(folder, "clang", "i686", "driver.c", "-O1", "-g");
    CoffImage image = CoffImage.read(Bytes.map(driver));
    assertThat(image.symbols().stream().map(Symbol::name))
        .contains(
            "HogFarm", "Fast", "DriverEntry", "sum", "a_function_with_a_name_longer_than_eight");
    // Sections whose names have more than eight letters.
    assertThat(image.sections().stream().map(CoffImage.Section::name))
        .contains(".debug_info", ".debug_line", ".debug_abbrev");
    assertThat(image.bytes(".debug_info")).isPresent();
  }

  @Test
  void brokenFilesEndInALine() throws IOException {
    byte[] good =
        Files.readAllBytes(MingwSample.build(folder, "clang", "x86_64", "driver.c", "-O1", "-g"));
    Random random = new Random(3);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] bad = i % 3 == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
      for (int flips = 0; flips < 4 && i % 3 != 0; flips++) {
        bad[random.nextInt(i % 3 == 1 ? 0x300 : good.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        CoffImage image = CoffImage.read(Bytes.of("driver.sys", bad));
        assertThat(image.symbols()).hasSizeLessThan(good.length / 18);
        image.bytes(".debug_info");
      } catch (FormatException e) {
        assertThat(e).hasMessageContaining("driver.sys").hasMessageNotContaining("\n");
        refused++;
      }
    }
    assertThat(refused).isBetween(500, 2900);
  }
}
