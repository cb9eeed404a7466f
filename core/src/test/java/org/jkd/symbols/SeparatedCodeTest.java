// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jkd.image.Bytes;
import org.jkd.pdb.Pdb;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;

/** A real system library that was laid out by a profile. */
class SeparatedCodeTest {
  @Test
  void aBlockThatWasSplitOffBelongsToItsFunction() throws IOException {
    Optional<Path> file = SharedFolder.find("data/pdb/ntdll/x64/ntdll.pdb");
    assumeTrue(file.isPresent(), "needs ../shared/data/pdb/ntdll");
    Pdb pdb = Pdb.open(Bytes.map(file.orElseThrow()));
    PdbSymbols symbols = new PdbSymbols(pdb, file.orElseThrow(), false);
    PdbSymbols publics = new PdbSymbols(pdb, file.orElseThrow(), true);
    // Equal blocks were folded, so one may belong to several functions.
    Map<Long, Set<Long>> parents = new HashMap<>();
    for (Pdb.SeparatedCode part : pdb.separatedCode()) {
      parents.computeIfAbsent(part.sourceRva(), s -> new HashSet<>()).add(part.parentSourceRva());
    }
    int checked = 0;
    int far = 0;
    for (Map.Entry<Long, Set<Long>> part : parents.entrySet()) {
      long at = part.getKey();
      if (part.getValue().stream().allMatch(p -> p < at)) {
        ModuleSymbols.Located found = symbols.locate(at).orElseThrow();
        assertThat(found.symbol().rva()).isIn(part.getValue());
        assertThat(found.displacement()).isEqualTo(at - found.symbol().rva());
        far += publics.nearest(at).orElseThrow().rva() == found.symbol().rva() ? 0 : 1;
        checked++;
      }
    }
    assertThat(pdb.separatedCode()).hasSizeGreaterThan(1000);
    assertThat(checked).isGreaterThan(900);
    assertThat(far).isGreaterThan(900);
  }
}
