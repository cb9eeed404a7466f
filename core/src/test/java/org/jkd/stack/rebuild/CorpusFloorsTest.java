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

/** Rebuilt stacks against the true ones: what was reached once must not be lost again. */
class CorpusFloorsTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "SYMBOLS_AND_IMAGES, 0.995, 0.997, 0.93, 0.995, 0.997, 0.85",
    "IMAGES, 0.995, 0.997, 0.93, 0.995, 0.997, 0.85",
    "KERNEL_PUBLICS_AND_IMAGES, 0.995, 0.997, 0.93, 0.995, 0.997, 0.85",
    "DUMP_ALONE, 0.985, 0.995, 0.87, 0.995, 0.997, 0.85",
    "FREE, 0.99, 0.975, 0.7, 0.99, 0.99, 0.6",
    "SMALL_DUMP, 0.985, 0.995, 0.8, 0.98, 0.985, 0.7",
    "NO_CODE_SYMBOLS, 0.86, 0.995, 0.43, 0.99, 0.995, 0.85",
  })
  void meansStayAbove(
      CorpusCase.Condition condition,
      double recall86,
      double precision86,
      double chains86,
      double recall64,
      double precision64,
      double chains64)
      throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus");
    Assumptions.assumeTrue(corpus.isPresent(), "needs ../shared/corpus");
    List<Truth.Score> scores = new ArrayList<>();
    int[] exact = new int[2];
    try (Stream<Path> cases = Files.list(corpus.get())) {
      for (Path folder : cases.filter(Files::isDirectory).sorted().toList()) {
        CorpusCase c = CorpusCase.open(folder, condition);
        Truth.Score score = c.score(c.reconstructor().rebuild(c.request()));
        scores.add(score);
        int[] found = score.trust().getOrDefault(Trust.EXACT, new int[2]);
        exact[0] += found[0];
        exact[1] += found[1];
      }
    }
    means(condition + " x86", scores, "-x86-", recall86, precision86, chains86);
    means(condition + " x64", scores, "-x64-", recall64, precision64, chains64);
    double trusted = (double) exact[0] / exact[1];
    assertTrue(trusted >= 0.995, "of the frames marked exact only " + trusted + " are true");
  }

  private static void means(
      String what,
      List<Truth.Score> all,
      String arch,
      double recall,
      double precision,
      double chains) {
    List<Truth.Score> scores = all.stream().filter(s -> s.name().contains(arch)).toList();
    double r = scores.stream().mapToDouble(Truth.Score::recall).average().orElse(0);
    double p = scores.stream().mapToDouble(Truth.Score::precision).average().orElse(0);
    double c = scores.stream().filter(Truth.Score::chain).count() / (double) scores.size();
    List<String> bad =
        scores.stream()
            .filter(s -> !s.chain())
            .map(s -> s.name() + " " + s.hit() + "/" + s.wanted() + " false " + s.wrong())
            .toList();
    assertTrue(r >= recall, what + ": recall " + r + " " + bad);
    assertTrue(p >= precision, what + ": precision " + p + " " + bad);
    assertTrue(c >= chains, what + ": whole chains " + c + " " + bad);
  }
}
