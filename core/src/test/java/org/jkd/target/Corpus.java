// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jkd.sample.Json;
import org.jkd.sample.SharedFolder;

/** The kernel dumps of the corpus, each with the truth about its crash. */
final class Corpus {
  private static final List<String> FORMS = List.of("KERNEL.DMP", "MEMORY.DMP", "MINI.DMP");

  private Corpus() {}

  /** One dump of one case. */
  record Case(String name, Path dump, Json truth) {
    boolean isSmall() {
      return dump.endsWith("MINI.DMP");
    }

    long number(String outer, String inner) {
      return hex(truth.get(outer).get(inner));
    }

    @Override
    public String toString() {
      return name + "/" + dump.getFileName();
    }
  }

  static long hex(Json text) {
    return Long.parseUnsignedLong(text.text().substring(2), 16);
  }

  static List<Case> cases() throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus");
    assumeTrue(corpus.isPresent(), "needs ../shared/corpus");
    List<Case> cases = new ArrayList<>();
    List<Path> folders;
    try (Stream<Path> list = Files.list(corpus.orElseThrow())) {
      folders = list.filter(p -> Files.exists(p.resolve("truth.json"))).sorted().toList();
    }
    for (Path folder : folders) {
      Json truth = Json.of(folder.resolve("truth.json"));
      for (String form : FORMS) {
        if (Files.exists(folder.resolve(form))) {
          cases.add(new Case(folder.getFileName().toString(), folder.resolve(form), truth));
        }
      }
    }
    return cases;
  }
}
