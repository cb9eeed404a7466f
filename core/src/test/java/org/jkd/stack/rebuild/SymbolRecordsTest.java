// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FrameData of PDBs: instead of code, and beside it. */
class SymbolRecordsTest {
  private static CorpusCase open(String name, CorpusCase.Condition condition) throws IOException {
    Optional<Path> folder = SharedFolder.find("corpus/" + name);
    Assumptions.assumeTrue(folder.isPresent(), "needs ../shared/corpus");
    return CorpusCase.open(folder.get(), condition);
  }

  @ParameterizedTest
  @ValueSource(strings = {"train-x86-fpo", "train-x86-seh", "train-x86-mixed", "train-x86-od"})
  void symbolsAreEnoughWhereNoCodeIsAtHand(String name) throws IOException {
    CorpusCase c = open(name, CorpusCase.Condition.NO_CODE_SYMBOLS);
    Truth.Score score = c.score(c.reconstructor().rebuild(c.request()));
    assertEquals(List.of(), score.errors());
    assertTrue(score.chain());
  }

  @ParameterizedTest
  @ValueSource(strings = {"train-x86-fpo", "train-x86-od"})
  void whatCodeAndRecordsAgreeOnIsExact(String name) throws IOException {
    CorpusCase c = open(name, CorpusCase.Condition.SYMBOLS_AND_IMAGES);
    int both = 0;
    for (RebuiltFrame f : c.reconstructor().rebuild(c.request()).frames()) {
      List<String> evidence = f.evidence().stream().map(Evidence::name).toList();
      if (evidence.contains("depth") && evidence.contains("frame-record")) {
        both++;
        assertEquals(Trust.EXACT, f.trust(), f.symbol());
      }
    }
    assertTrue(both > 30, both + " frames");
  }
}
