// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jkd.image.Bytes;
import org.jkd.sample.SharedFolder;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real PDBs, read here and by LLVM's dumper. */
class LlvmPdbutilTest {
  private static final Pattern NAME = Pattern.compile("\\| (S_[A-Z0-9_]+) \\[size = \\d+] `(.*)`");
  private static final Pattern ADDRESS =
      Pattern.compile("addr = (\\d+):(\\d+)(?:, code size = (\\d+))?");

  private static final ExternalTool TOOL = new ExternalTool("llvm-pdbutil");

  private static List<Path> files = List.of();

  @BeforeAll
  static void findFiles() throws IOException {
    Optional<Path> folder = SharedFolder.find("data/pdb");
    assumeTrue(folder.isPresent(), "needs ../shared/data/pdb");
    assumeTrue(TOOL.isThere(), "needs llvm-pdbutil in PATH");
    try (Stream<Path> all = Files.walk(folder.get())) {
      files = all.filter(p -> p.toString().endsWith(".pdb")).sorted().toList();
    }
  }

  /** {@code rva size name} of all records of some kinds, sorted. */
  private static List<String> theirs(List<String> lines, Pdb pdb, String kinds) {
    List<String> result = new ArrayList<>();
    for (int i = 0; i + 1 < lines.size(); i++) {
      Matcher name = NAME.matcher(lines.get(i));
      if (!name.find() || !name.group(1).matches(kinds)) {
        continue;
      }
      for (int k = 1; k <= 2 && i + k < lines.size(); k++) {
        Matcher address = ADDRESS.matcher(lines.get(i + k));
        if (address.find()) {
          long rva =
              pdb.sections()
                  .orElseThrow()
                  .rva(Integer.parseInt(address.group(1)), Long.parseLong(address.group(2)));
          if (rva >= 0) {
            result.add(row(rva, address.group(3) == null ? "0" : address.group(3), name.group(2)));
          }
          break;
        }
      }
    }
    Collections.sort(result);
    return result;
  }

  private static List<String> ours(Pdb pdb, SymbolColumns columns, boolean procedures) {
    List<String> result = new ArrayList<>();
    for (int i = 0; i < columns.count(); i++) {
      if (!procedures || CodeView.isProcedure(columns.kind(i))) {
        String name =
            new String(
                pdb.name(columns, i).getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        result.add(row(columns.sourceRva(i), Long.toString(columns.length(i)), name));
      }
    }
    Collections.sort(result);
    return result;
  }

  private static String row(long rva, String size, String name) {
    return String.format(Locale.ROOT, "%08X %s %s", rva, size, name);
  }

  @Test
  void publicsAreEqual() throws IOException {
    int compared = 0;
    for (Path file : files) {
      Pdb pdb = Pdb.open(Bytes.map(file));
      Optional<List<String>> lines = TOOL.lines("dump", "-publics", file.toString());
      if (lines.isPresent()) {
        assertThat(ours(pdb, pdb.publics(), false))
            .as(file.toString())
            .isEqualTo(theirs(lines.get(), pdb, "S_PUB32"));
        compared++;
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(files.size() - 1).isPositive();
  }

  @Test
  void proceduresAreEqual() throws IOException {
    int compared = 0;
    for (Path file : files) {
      Pdb pdb = Pdb.open(Bytes.map(file));
      Optional<List<String>> lines = TOOL.lines("dump", "-symbols", file.toString());
      if (lines.isPresent()) {
        assertThat(ours(pdb, pdb.moduleSymbols(), true))
            .as(file.toString())
            .isEqualTo(theirs(lines.get(), pdb, "S_[LG]PROC32(_ID)?"));
        compared++;
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(files.size() - 1).isPositive();
  }

  @Test
  void unwindRecordsAreEqual() throws IOException {
    int compared = 0;
    for (Path file : files) {
      Pdb pdb = Pdb.open(Bytes.map(file));
      List<String> old = new ArrayList<>();
      List<String> fresh = new ArrayList<>();
      boolean inNew = false;
      for (String line : TOOL.lines("dump", "-fpo", file.toString()).orElseThrow()) {
        inNew |= line.contains("New FPO Data");
        if (line.matches("[0-9A-F]{8} \\|.*")) {
          (inNew ? fresh : old).add(line.replaceAll("\\s*\\|\\s*", " ").strip());
        }
      }
      List<String> ourOld = new ArrayList<>();
      for (int i = 0; i < pdb.fpo().count(); i++) {
        FpoTable.Entry e = pdb.fpo().entry(i);
        ourOld.add(
            String.format(
                Locale.ROOT,
                "%08X %d %d %d %d %d",
                e.sourceRva(),
                e.size(),
                e.localDwords(),
                e.parameterDwords(),
                e.prolog() & 0xf,
                e.savedRegisters()));
      }
      List<String> ourNew = new ArrayList<>();
      for (int i = 0; i < pdb.frameData().count(); i++) {
        FrameDataTable.Entry e = pdb.frameData().entry(i);
        ourNew.add(
            String.format(
                    Locale.ROOT,
                    "%08X %d %d %d %d %d %d %b %b %b %s",
                    e.sourceRva(),
                    e.size(),
                    e.locals(),
                    e.parameters(),
                    e.maxStack(),
                    e.prolog(),
                    e.savedRegisters(),
                    (e.flags() & 1) != 0,
                    (e.flags() & 2) != 0,
                    (e.flags() & 4) != 0,
                    pdb.frameData().program(e))
                .strip());
      }
      // LLVM takes 4 bits of the prologue's 8 and looks for the two flags at bits 9 and 10;
      // winnt.h has them at 11 and 12.
      assertThat(ourOld)
          .as(file.toString())
          .isEqualTo(
              old.stream().map(l -> l.replaceAll(" (true|false) (true|false) .*$", "")).toList());
      assertThat(ourNew).as(file.toString()).isEqualTo(fresh);
      compared += old.size() + fresh.size();
    }
    assertThat(compared).isGreaterThan(20_000);
  }

  @Test
  void membersOfStructuresAreEqual() throws IOException {
    Path file = files.stream().filter(f -> f.endsWith("x86/wntdll.pdb")).findFirst().orElseThrow();
    Tpi types = Pdb.open(Bytes.map(file)).types();
    List<String> lines = TOOL.lines("dump", "-types", file.toString()).orElseThrow();
    Pattern head = Pattern.compile("^\\s+0x([0-9A-F]+) \\| (LF_[A-Z]+) \\[size = \\d+].*");
    Pattern member =
        Pattern.compile("- LF_MEMBER \\[name = `(.*)`, Type = 0x([0-9A-F]+).*, offset = (\\d+), ");
    Pattern next = Pattern.compile("- LF_INDEX \\[?.*0x([0-9A-F]+)");
    int list = 0;
    int structures = 0;
    List<TypeRecord.Field> want = new ArrayList<>();
    for (String line : lines) {
      Matcher h = head.matcher(line);
      if (h.matches()) {
        if (list != 0 && !want.isEmpty()) {
          assertThat(types.fields(list).stream().filter(TypeRecord.Member.class::isInstance))
              .as("field list 0x" + Integer.toHexString(list))
              .containsExactlyElementsOf(want);
          structures++;
        }
        list = h.group(2).equals("LF_FIELDLIST") ? Integer.parseInt(h.group(1), 16) : 0;
        want.clear();
      }
      Matcher m = member.matcher(line);
      if (list != 0 && m.find()) {
        want.add(
            new TypeRecord.Member(
                Integer.parseInt(m.group(2), 16), Long.parseLong(m.group(3)), m.group(1)));
      }
      if (list != 0 && next.matcher(line).find()) {
        list = 0;
      }
    }
    assertThat(structures).isGreaterThan(500);
  }
}
