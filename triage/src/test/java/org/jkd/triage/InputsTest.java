// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files a run takes. */
class InputsTest {
  private static boolean link(Path from, Path to) throws IOException {
    try {
      Files.createSymbolicLink(from, to);
      return true;
    } catch (UnsupportedOperationException | java.nio.file.FileSystemException e) {
      return false;
    }
  }

  @Test
  void links_in_folders_are_followed_and_loops_of_them_end(@TempDir Path folder)
      throws IOException {
    Path store = Files.createDirectories(folder.resolve("store/day1"));
    Path dump = store.resolve("a.dmp");
    Files.write(dump, "PAGEDUMP".getBytes(StandardCharsets.US_ASCII));
    Path given = Files.createDirectory(folder.resolve("given"));
    assumeTrue(link(given.resolve("b.dmp"), dump), "needs symbolic links");
    link(given.resolve("days"), folder.resolve("store"));
    link(store.resolve("back"), given);

    List<Path> files = Inputs.of(List.of(given.toString()), Optional.empty());

    assertThat(files).contains(given.resolve("b.dmp"), given.resolve("days/day1/a.dmp"));
    assertThat(files).allMatch(Files::isRegularFile);
  }
}
