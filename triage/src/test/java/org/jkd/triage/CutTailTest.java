// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jkd.dump.Dump;
import org.jkd.dump.DumpFile;
import org.jkd.image.Bytes;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;

/** Real dumps that are cut behind what a debugger needs: within what components added to them. */
class CutTailTest {
  @Test
  void a_cut_within_the_added_data_is_noticed_and_a_whole_file_is_not_blamed() throws IOException {
    Optional<Path> folder = SharedFolder.find("data/kernel");
    assumeTrue(folder.isPresent(), "needs ../shared/data/kernel");
    List<Path> files;
    try (Stream<Path> all = Files.list(folder.orElseThrow())) {
      files = all.filter(f -> f.toString().endsWith(".dmp")).sorted().toList();
    }
    int cuts = 0;
    int checked = 0;
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      Dump dump = DumpFile.open(Bytes.of("whole", whole));
      assertThat(dump.taggedMissing()).as(file.toString()).isZero();
      if (endOfRecords(dump) < whole.length - 32) {
        continue; // something else follows, of which nobody knows how long it is
      }
      checked++;
      for (int i = 1; i < 20; i++) {
        int length = (int) (dump.primaryEnd() + (whole.length - dump.primaryEnd()) * i / 20);
        Dump cut = DumpFile.open(Bytes.of("cut", Arrays.copyOf(whole, length)));
        cuts += cut.taggedMissing() > 0 ? 1 : 0;
      }
    }
    assertThat(checked).isGreaterThanOrEqualTo(7);
    assertThat(cuts).isEqualTo(checked * 19);
  }

  private static long endOfRecords(Dump dump) {
    return dump.taggedRecords().stream().mapToLong(r -> r.offset() + r.size()).max().orElse(0);
  }
}
