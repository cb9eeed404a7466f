// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The published case as tables; a test that needs one is skipped where it is not. */
final class SharedTable {
  private SharedTable() {}

  /** The rows of a table behind its head. */
  static List<String[]> rows(String name) throws IOException {
    Optional<Path> file = SharedFolder.find("case/" + name);
    assumeTrue(file.isPresent(), "needs ../shared/case/" + name);
    return Files.readAllLines(file.get()).stream()
        .skip(1)
        .map(line -> line.split("\t", -1))
        .toList();
  }
}
