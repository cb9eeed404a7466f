// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stacks damaged at random: what is left is still found, and little that is not there. */
class DamagedCopiesTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "OVERWRITTEN, 0.98, 0.98",
    "OVERRUN, 0.95, 0.99",
    "LINKS, 0.98, 0.99",
    "STACK_POINTER, 0.97, 0.97",
    "MODULES, 0.92, 0.93",
    "HOOKS, 0.98, 0.99",
  })
  void mostIsStillFound(DamagedBench.Damage damage, double recall, double precision)
      throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus");
    Assumptions.assumeTrue(corpus.isPresent(), "needs ../shared/corpus");
    List<Truth.Score> scores = new ArrayList<>();
    try (Stream<Path> cases = Files.list(corpus.get())) {
      for (Path folder : cases.filter(Files::isDirectory).sorted().toList()) {
        scores.add(DamagedBench.one(folder, damage, 1, false));
      }
    }
    double r = scores.stream().mapToDouble(Truth.Score::recall).average().orElse(0);
    double p = scores.stream().mapToDouble(Truth.Score::precision).average().orElse(0);
    assertTrue(r >= recall && p >= precision, damage + ": recall " + r + ", precision " + p);
  }
}
