// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jkd.image.Bytes;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.SectionTable;
import org.jkd.sample.SharedFolder;
import org.jkd.testing.ClangSample;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parameters and variables with their places, as LLVM's dumper prints the records. */
class LocalsAgainstLlvmTest {
  /** What was compared. */
  private record Count(int addresses, int variables, int registers, int memory, int nowhere) {}

  @ParameterizedTest
  @CsvSource({"i686, /O2", "x86_64, /O2", "i686, /Od", "x86_64, /Od"})
  void variablesOfOwnSamples(String target, String option) throws IOException {
    Optional<ExternalTool> dumper = ClangSample.tool("llvm-pdbutil");
    assumeTrue(dumper.isPresent(), "needs llvm-pdbutil in PATH");
    Count count = compare(dumper.get(), ClangSample.build("shapes.cpp", target, option).pdb(), 1);
    assertThat(count.variables).isGreaterThan(800);
    assertThat(option.equals("/O2") ? count.registers : count.memory).isGreaterThan(400);
    if (option.equals("/O2")) {
      assertThat(count.nowhere).isGreaterThan(100);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "seh/x64/xcpt4, 7",
    "seh/x86/xcpt4, 7",
    "seh/x86/nested_collided, 3",
    "sentry/crash, 5",
    "syzygy/pdb_test_dll, 7",
    "syzygy/pe_test_dll_vs2013.dll, 11",
    "breakpad/dump_syms_regtest64, 11",
    "lldb/test-pdb-types, 1",
  })
  void variablesOfMicrosoftsCompilers(String name, int step) throws IOException {
    Optional<Path> file = SharedFolder.find("data/pdb/" + name + ".pdb");
    assumeTrue(file.isPresent(), "needs ../shared/data/pdb/" + name + ".pdb");
    Optional<ExternalTool> dumper = ClangSample.tool("llvm-pdbutil");
    assumeTrue(dumper.isPresent(), "needs llvm-pdbutil in PATH");
    Count count = compare(dumper.get(), file.get(), step);
    assertThat(count.variables).isGreaterThan(count.addresses / 4);
  }

  private static Count compare(ExternalTool dumper, Path file, int step) throws IOException {
    DumpedScopes theirs =
        new DumpedScopes(
            dumper.lines("dump", "-symbols", "-sym-data", file.toString()).orElseThrow());
    Pdb pdb = Pdb.open(Bytes.map(file));
    SectionTable sections = pdb.sections().orElseThrow();
    ModuleSymbols ours = new PdbSymbols(pdb, file, false);
    int[] count = new int[5];
    Set<Long> twice = folded(theirs, sections);
    for (DumpedScopes.Procedure p : theirs.procedures()) {
      long base = sections.rva(p.segment(), 0);
      for (DumpedScopes.Piece code : p.scope().pieces) {
        for (long at = code.start();
            at < code.end() && !twice.contains(base + code.start());
            at += step) {
          List<DumpedScopes.Scope> scopes = new ArrayList<>(p.scope().calls(at));
          scopes.add(p.scope());
          count[0]++;
          for (int i = 0; i < scopes.size(); i++) {
            List<LocalVariable> have = ours.variables(base + at, i);
            String where =
                String.format(Locale.ROOT, "%s at %d:%d, scope %d", p.name(), p.segment(), at, i);
            // LLVM has no names for the halves of vector registers.
            assertThat(have.stream().map(v -> v.name() + " " + places(v)))
                .as(where)
                .usingElementComparator(
                    (a, b) -> a.equals(b.replaceFirst("unknown", "xmm0")) ? 0 : 1)
                .containsExactlyElementsOf(expected(p, scopes.get(i), at, sections));
            describe(where, have, shown(scopes.get(i), at));
            for (LocalVariable v : have) {
              count[1]++;
              count[
                  v.places().isEmpty()
                      ? 4
                      : v.places().getFirst() instanceof LocalVariable.InRegister ? 2 : 3]++;
            }
          }
        }
      }
    }
    return new Count(count[0], count[1], count[2], count[3], count[4]);
  }

  /** Starts that several procedures share; which of them is meant is nowhere said. */
  private static Set<Long> folded(DumpedScopes theirs, SectionTable sections) {
    Map<Long, Integer> starts = new HashMap<>();
    for (DumpedScopes.Procedure p : theirs.procedures()) {
      starts.merge(sections.rva(p.segment(), p.scope().pieces.getFirst().start()), 1, Integer::sum);
    }
    starts.values().removeIf(n -> n == 1);
    return starts.keySet();
  }

  /** Names, types and which are parameters. */
  private static void describe(
      String where, List<LocalVariable> have, List<DumpedScopes.Variable> want) {
    for (int i = 0; i < have.size(); i++) {
      LocalVariable v = have.get(i);
      DumpedScopes.Variable w = want.get(i);
      if (!w.old()) {
        assertThat(v.parameter()).as(where + " " + v.name()).isEqualTo(w.flagged());
      }
      String type = w.typeName() == null ? "..." : plain(w.typeName());
      if (!type.isEmpty() && !type.endsWith("...") && !type.contains("(")) {
        assertThat(plain(Types.spelled(v.type()))).as(where + " " + v.name()).isEqualTo(type);
      }
    }
  }

  /** A type without what only one of the two writes. */
  private static String plain(String type) {
    return type.replaceAll("\\b(struct|class|union|enum|const|volatile|__unaligned) ?", "")
        .replace('&', '*')
        .replaceAll("\\bunsigned int\\b", "unsigned")
        .replace("__int64", "int64")
        .replaceAll(" ", "");
  }

  /** The variables of a scope; records that say again what a newer one said are left out. */
  private static List<DumpedScopes.Variable> shown(DumpedScopes.Scope scope, long at) {
    List<DumpedScopes.Variable> all = scope.variables(at);
    Set<String> names = new HashSet<>();
    all.stream().filter(v -> !v.old()).forEach(v -> names.add(v.name()));
    return all.stream().filter(v -> !v.old() || !names.contains(v.name())).toList();
  }

  private static List<String> expected(
      DumpedScopes.Procedure p, DumpedScopes.Scope scope, long at, SectionTable sections) {
    List<String> result = new ArrayList<>();
    for (DumpedScopes.Variable v : shown(scope, at)) {
      List<String> places = new ArrayList<>();
      for (String place : v.at(at)) {
        String base = DumpedScopes.base(p, v.flagged());
        if (place.startsWith("static ")) {
          String[] parts = place.substring(7).split(":", 2);
          place = "rva " + sections.rva(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
        }
        places.add(place.startsWith("base") ? base + place.substring(4) : place);
      }
      places.remove("none");
      result.add(v.name() + " " + places);
    }
    return result;
  }

  private static List<String> places(LocalVariable v) {
    return v.places().stream()
        .map(p -> {
          String part = p.part() == LocalVariable.WHOLE ? "" : "@" + p.part();
          return switch (p) {
            case LocalVariable.InRegister r -> r.register() + part;
            case LocalVariable.Relative r ->
                r.register() + (r.offset() < 0 ? "" : "+") + r.offset() + part;
            case LocalVariable.Static s -> "rva " + s.rva() + part;
          };
        })
        .toList();
  }
}
