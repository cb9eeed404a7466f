// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jkd.image.Bytes;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.SectionTable;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;

/** What the file's own tables answer is what an index of the whole file answers. */
class LazyLookupTest {
  private static List<Path> files() throws IOException {
    Optional<Path> folder = SharedFolder.find("data/pdb");
    assumeTrue(folder.isPresent(), "needs ../shared/data/pdb");
    try (Stream<Path> all = Files.walk(folder.get())) {
      return all.filter(p -> p.toString().endsWith(".pdb")).sorted().toList();
    }
  }

  @Test
  void addressesOfCodeLeadToTheSameSymbols() throws IOException {
    int compared = 0;
    int undecided = 0;
    for (Path file : files()) {
      for (boolean publicsOnly : new boolean[] {false, true}) {
        Pdb pdb = Pdb.open(Bytes.map(file));
        Optional<CodeLookup> lookup = CodeLookup.of(Pdb.open(file), publicsOnly);
        if (lookup.isEmpty()) {
          continue;
        }
        SymbolIndex index = new SymbolIndex(pdb, publicsOnly);
        SectionTable sections = pdb.sections().orElseThrow();
        long end = sections.rva(1, sections.size(1));
        for (long rva = sections.rva(1, 0); rva < end; rva += 5) {
          CodeLookup.Hit hit = lookup.get().locate(rva);
          int want = index.nearest(rva);
          if (hit == null) {
            undecided++;
          } else {
            assertThat(hit.start()).as("%s 0x%x", file, rva).isEqualTo(index.sourceRva(want));
            // Behind the end of a function with several names the index gives the first of them.
            if (rva - hit.start() < hit.symbol().size() || hit.symbol().size() == 0) {
              assertThat(hit.symbol().name()).as("%s 0x%x", file, rva).isEqualTo(index.shown(want));
            }
            long above = lookup.get().above(rva);
            int place = index.placeAbove(rva);
            long next = place < index.count() ? index.sourceRva(index.inOrder(place)) : -1;
            // Data inside a function, such as a jump table, is no next symbol.
            if (above >= 0 && next >= 0 && index.sourceRva(index.nearest(next)) == next) {
              assertThat(above).as("%s above 0x%x", file, rva).isEqualTo(next);
            }
            compared++;
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(500_000);
    assertThat(undecided).isLessThan(compared / 5);
  }

  @Test
  void namesLeadToTheSameSymbols() throws IOException {
    int compared = 0;
    for (Path file : files()) {
      PdbSymbols full = new PdbSymbols(Pdb.open(Bytes.map(file)), file, false);
      PdbSymbols lazy = new PdbSymbols(Pdb.open(file), file, false);
      full.named("no such name"); // from now on it answers from its own tables of names
      int n = 0;
      for (Symbol s : full.matching(name -> true)) {
        if (n++ % 16 == 0 && s.kind() != Symbol.Kind.DATA) {
          Symbol found = lazy.named(s.name()).orElseThrow();
          assertThat(found.rva())
              .as("%s %s", file, s.name())
              .isEqualTo(full.named(s.name()).orElseThrow().rva());
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(2_000);
  }
}
