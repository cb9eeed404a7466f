// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the folder with the reference case, the corpus and the real dumps, which tests read in
 * place. It is not part of the project; where it is absent, tests that need it are skipped.
 */
public final class SharedFolder {
  private SharedFolder() {}

  /**
   * A file or folder below the shared folder.
   *
   * @param relative for instance {@code "corpus/train-x86-ebp"}
   * @return empty where the folder, or this part of it, is missing
   */
  public static Optional<Path> find(String relative) {
    Path path =
        Path.of(System.getProperty("jkd.shared", "../shared")).resolve(relative).normalize();
    return Files.exists(path) ? Optional.of(path) : Optional.empty();
  }
}
