// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run learns from one dump must not show in the rows of others. */
class SharedCodeTest {
  @TempDir Path folder;

  private static TriageRow alone(Path symbols, Path dump) throws IOException {
    return SampleDumps.row(SampleDumps.triage(symbols), dump).withTimings(TriageRow.Timings.NONE);
  }

  private static void same_rows_in_company(Path symbols, List<Path> dumps) throws IOException {
    Triage together = SampleDumps.triage(symbols);
    for (int round = 0; round < 2; round++) {
      for (Path dump : dumps) {
        TriageRow row = SampleDumps.row(together, dump).withTimings(TriageRow.Timings.NONE);
        assertThat(row).as(dump + " in round " + round).isEqualTo(alone(symbols, dump));
      }
    }
  }

  /** Copies in which one byte in sixteen of one page in four is another. */
  private List<Path> patched(Path dump) throws IOException {
    List<Path> copies = new ArrayList<>();
    for (int copy = 0; copy < 3; copy++) {
      byte[] bytes = Files.readAllBytes(dump);
      for (int at = 0x4000 + copy * 0x1000; at + 0x1000 <= bytes.length; at += 0x4000) {
        for (int i = copy; i < 0x1000; i += 16) {
          bytes[at + i] ^= 1;
        }
      }
      copies.add(Files.write(folder.resolve("patched" + copy + ".dmp"), bytes));
    }
    return copies;
  }

  @Test
  void the_reference_case_and_copies_with_other_code_keep_their_rows() throws IOException {
    Path sample = SampleDumps.write(folder);
    List<Path> dumps = new ArrayList<>(patched(sample.resolve(ReferenceCase.BITMAP)));
    dumps.add(sample.resolve(ReferenceCase.BITMAP));
    same_rows_in_company(sample, dumps);
  }

  @Test
  void large_and_small_dumps_of_the_corpus_keep_their_rows() throws IOException {
    Path corpus = SharedFolder.find("corpus/train-x86-mixed").orElse(null);
    Assumptions.assumeTrue(corpus != null, "needs ../shared/corpus");
    List<Path> dumps = new ArrayList<>(patched(corpus.resolve("KERNEL.DMP")));
    Stream.of("KERNEL.DMP", "MINI.DMP").map(corpus::resolve).forEach(dumps::add);
    same_rows_in_company(corpus, dumps);
  }
}
