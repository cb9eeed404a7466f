// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jkd.image.Bytes;
import org.jkd.sample.SharedFolder;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real images, read here and by binutils' objdump. */
class ObjdumpTest {
  private static final ExternalTool TOOL = new ExternalTool("objdump");

  private static List<Path> files = List.of();

  @BeforeAll
  static void findFiles() throws IOException {
    Optional<Path> folder = SharedFolder.find("data/pdb");
    assumeTrue(folder.isPresent(), "needs ../shared/data/pdb");
    assumeTrue(TOOL.isThere(), "needs objdump in PATH");
    try (Stream<Path> all = Files.walk(folder.get())) {
      files = all.filter(p -> p.toString().matches(".*\\.(exe|dll)")).sorted().toList();
    }
  }

  @Test
  void headersSectionsExportsAndImportsAreEqual() throws IOException {
    int compared = 0;
    int exports = 0;
    int imports = 0;
    for (Path file : files) {
      Optional<List<String>> lines = TOOL.lines("-x", file.toString());
      if (lines.isEmpty()) {
        continue;
      }
      PeImage image = PeImage.ofFile(Bytes.map(file));
      String text = String.join("\n", lines.get());
      assertThat(hex(text, "ImageBase\\s+([0-9a-f]+)")).as(file + "").isEqualTo(image.imageBase());
      assertThat(hex(text, "SizeOfImage\\s+([0-9a-f]+)")).isEqualTo(image.sizeOfImage());
      assertThat(hex(text, "CheckSum\\s+([0-9a-f]+)")).isEqualTo(image.checksum());
      assertThat(hex(text, "AddressOfEntryPoint\\s+([0-9a-f]+)")).isEqualTo(image.entryPoint());
      Set<String> ours = new HashSet<>();
      for (PeSection s : image.sections()) {
        ours.add(String.format(Locale.ROOT, "%s %x", s.name(), image.imageBase() + s.rva()));
      }
      Set<String> theirs = new HashSet<>();
      Matcher m =
          Pattern.compile(
                  "(?m)^\\s+\\d+ (\\S+)\\s+[0-9a-f]{8}\\s+([0-9a-f]{8,16})\\s+[0-9a-f]{8,16}")
              .matcher(text);
      while (m.find()) {
        theirs.add(m.group(1) + " " + Long.toHexString(Long.parseUnsignedLong(m.group(2), 16)));
      }
      assertThat(ours).as(file + "").isEqualTo(theirs);
      for (ExportTable.Export e : image.exports().entries()) {
        if (!e.name().isEmpty()) {
          assertThat(text)
              .as(file + "")
              .containsPattern("\\[ *\\d+\\].* " + Pattern.quote(e.name()));
          exports++;
        }
      }
      for (ImportTable.Import i : image.imports().entries()) {
        if (i.ordinal() < 0) {
          assertThat(text).as(file + "").contains(" " + i.name() + "\n");
          imports++;
        }
      }
      compared++;
    }
    assertThat(compared).isGreaterThan(5);
    assertThat(exports).isGreaterThan(5);
    assertThat(imports).isGreaterThan(100);
  }

  @Test
  void functionTablesAreEqual() throws IOException {
    int compared = 0;
    for (Path file : files) {
      PeImage image = PeImage.ofFile(Bytes.map(file));
      if (image.machine() != PeImage.MACHINE_X64) {
        continue;
      }
      RuntimeFunctions table = image.runtimeFunctions();
      Pattern row =
          Pattern.compile(
              "^ ([0-9a-f]{16}):\\s+([0-9a-f]{16})\\s+([0-9a-f]{16})\\s+([0-9a-f]{16})");
      for (String line : TOOL.lines("-p", file.toString()).orElse(List.of())) {
        Matcher m = row.matcher(line);
        if (m.find()) {
          long begin = Long.parseUnsignedLong(m.group(2), 16) - image.imageBase();
          long end = Long.parseUnsignedLong(m.group(3), 16) - image.imageBase();
          long unwind = Long.parseUnsignedLong(m.group(4), 16) - image.imageBase();
          if (begin <= 0 || (unwind & 1) != 0) {
            continue;
          }
          RuntimeFunctions.Entry wanted = new RuntimeFunctions.Entry(begin, end, unwind);
          assertThat(table.find(begin)).as(line).contains(wanted);
          assertThat(table.find(end - 1)).as(line).contains(wanted);
          assertThat(table.unwindInfo(unwind).orElseThrow().u8(0) & 7).isBetween(1, 2);
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(500);
  }

  private static long hex(String text, String pattern) {
    Matcher m = Pattern.compile(pattern).matcher(text);
    assertThat(m.find()).as(pattern).isTrue();
    return Long.parseUnsignedLong(m.group(1), 16);
  }
}
