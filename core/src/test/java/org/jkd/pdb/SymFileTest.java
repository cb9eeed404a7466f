// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jkd.image.Bytes;
import org.jkd.sample.SharedFolder;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.PdbSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.UnwindRecords;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real PDBs beside the symbol files that public tools (Breakpad's dump_syms) made of them. */
class SymFileTest {
  private record Pair(PdbSymbols symbols, Pdb pdb, List<String> lines) {}

  static Stream<String> all() {
    return Stream.of(
        "breakpad/dump_syms_regtest",
        "breakpad/dump_syms_regtest64",
        "breakpad/omap_reorder_bbs",
        "breakpad/omap_reorder_funcs",
        "breakpad/omap_stretched",
        "breakpad/omap_stretched_filled",
        "sentry/crash");
  }

  private static Pair open(String name) throws IOException {
    Optional<Path> file = SharedFolder.find("data/pdb/" + name + ".pdb");
    assumeTrue(file.isPresent(), "needs ../shared/data/pdb");
    Path pdbFile = file.orElseThrow();
    Path sym = pdbFile.resolveSibling(pdbFile.getFileName().toString().replace(".pdb", ".sym"));
    Pdb pdb = Pdb.open(Bytes.map(pdbFile));
    return new Pair(
        new PdbSymbols(pdb, pdbFile, false),
        pdb,
        Files.readAllLines(sym, StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @MethodSource("all")
  void identityIsThatOfTheModuleLine(String name) throws IOException {
    Pair p = open(name);
    assertThat(p.lines().getFirst().split(" ")[3]).isEqualTo(p.pdb().identity().key());
  }

  /** FUNC lines give every range of a function, also after its blocks were moved apart. */
  @ParameterizedTest
  @MethodSource("all")
  void everyFunctionRangeBelongsToItsFunction(String name) throws IOException {
    Pair p = open(name);
    int checked = 0;
    List<String> wrong = new ArrayList<>();
    Map<Long, Set<String>> byRva = new HashMap<>();
    for (Symbol s : p.symbols().matching(n -> true)) {
      byRva.computeIfAbsent(s.rva(), r -> new HashSet<>()).add(s.name());
    }
    for (String line : p.lines()) {
      if (!line.startsWith("FUNC ")) {
        continue;
      }
      String[] f = line.replace("FUNC m ", "FUNC ").split(" ", 5);
      long rva = Long.parseLong(f[1], 16);
      long size = Long.parseLong(f[2], 16);
      for (long at : new long[] {rva, rva + size - 1}) {
        // Functions that the linker folded have several names, and each tool takes another one.
        Symbol got = p.symbols().nearest(at).orElseThrow();
        Set<String> names = new HashSet<>(byRva.getOrDefault(got.rva(), Set.of()));
        names.add(got.name());
        if (size > 0 && names.stream().noneMatch(n -> sameFunction(f[4], n))) {
          wrong.add(Long.toHexString(at) + " " + f[4] + " <> " + names);
        }
        checked++;
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(checked).isGreaterThan(100);
  }

  /** dump_syms prints the declaration with one underscore less or more than the record. */
  private static boolean sameFunction(String declaration, String name) {
    String bare = name.replace(" ", "").replaceAll("^[_@]+", "").replaceAll("@\\d+$", "");
    return declaration.replace(" ", "").contains(bare);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "breakpad/dump_syms_regtest",
        "breakpad/omap_reorder_funcs",
        "breakpad/omap_stretched",
        "breakpad/omap_stretched_filled"
      })
  void frameDataLinesAreThere(String name) throws IOException {
    Pair p = open(name);
    UnwindRecords records = p.symbols().unwindRecords();
    // Nested records that were cut at the same place are several lines with one address.
    Map<Long, List<String>> lines = new TreeMap<>();
    for (String line : p.lines()) {
      String[] f = line.split(" ", 12);
      if (line.startsWith("STACK WIN 4 ")) {
        boolean prolog = Integer.parseInt(f[5], 16) > 0;
        lines
            .computeIfAbsent(Long.parseLong(f[3], 16), a -> new ArrayList<>())
            .add(prolog + " " + f[7] + " " + f[8] + " " + f[9]);
      }
    }
    lines.forEach((rva, wanted) -> {
      UnwindRecords.FrameData d = records.frameData(rva).orElseThrow();
      assertThat(rva - d.rva()).isBetween(0L, d.size() - 1);
      // Where a function was cut, the pieces behind its prologue are listed without one.
      boolean prolog = rva - d.rva() < d.prolog();
      assertThat(
              String.format(
                  Locale.ROOT, "%b %x %x %x", prolog, d.params(), d.savedRegs(), d.locals()))
          .as(Long.toHexString(rva))
          .isIn(wanted);
    });
    assertThat(lines).hasSizeGreaterThan(50);
  }

  @ParameterizedTest
  @ValueSource(strings = {"breakpad/dump_syms_regtest", "breakpad/omap_reorder_funcs"})
  void fpoLinesAreThere(String name) throws IOException {
    Pair p = open(name);
    UnwindRecords records = p.symbols().unwindRecords();
    int checked = 0;
    for (String line : p.lines()) {
      if (line.startsWith("STACK WIN 0 ")) {
        String[] f = line.split(" ");
        UnwindRecords.Fpo fpo = records.fpo(Long.parseLong(f[3], 16)).orElseThrow();
        assertThat(fpo.rva()).as(line).isEqualTo(Long.parseLong(f[3], 16));
        assertThat(fpo.prolog()).as(line).isEqualTo(Integer.parseInt(f[5], 16));
        assertThat(fpo.params()).as(line).isEqualTo(Integer.parseInt(f[7], 16));
        assertThat(fpo.savedRegs() * 4).as(line).isEqualTo(Integer.parseInt(f[8], 16));
        assertThat(fpo.locals()).as(line).isEqualTo(Long.parseLong(f[9], 16));
        assertThat(fpo.usesBp()).as(line).isEqualTo(f[12].equals("1"));
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"breakpad/dump_syms_regtest", "breakpad/dump_syms_regtest64"})
  void publicLinesAreThere(String name) throws IOException {
    Pair p = open(name);
    ModuleSymbols publics = new PdbSymbols(p.pdb(), p.symbols().file().orElseThrow(), true);
    int checked = 0;
    for (String line : p.lines()) {
      if (line.startsWith("PUBLIC ")) {
        String[] f = line.replace("PUBLIC m ", "PUBLIC ").split(" ", 4);
        long rva = Long.parseLong(f[1], 16);
        assertThat(publics.matching(n -> f[3].contains(n) || n.contains(f[3])))
            .as(line)
            .anyMatch(s -> s.rva() == rva);
        checked++;
      }
    }
    assertThat(checked).isPositive();
  }
}
