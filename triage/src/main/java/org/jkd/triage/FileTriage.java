// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All rows of one file, an archive's members each with its own, under the same limits as a run over
 * many: for callers that bring their own way of doing things side by side, a cluster say.
 */
public final class FileTriage {
  private final Triage triage;
  private final Limits limits;

  public FileTriage(Triage triage, Limits limits) {
    this.triage = triage;
    this.limits = limits;
  }

  /**
   * The rows. Whatever the file holds, there is at least one, except for dumps of systems that
   * stopped too early to be wanted.
   *
   * @throws IOException if the thread is interrupted
   */
  public List<TriageRow> rows(Path file) throws IOException {
    List<TriageRow> rows = new ArrayList<>();
    Runner.Sink sink =
        new Runner.Sink() {
          @Override
          public void row(TriageRow row) {
            rows.add(row);
          }

          @Override
          public void file() {
            // One file has no need of counting.
          }

          @Override
          public void tick() {
            // Whoever waits knows that this works.
          }
        };
    new Runner(triage, Triage.Watcher.NONE, limits, key -> false, sink).run(List.of(file), 1);
    return rows;
  }

  /** True if a file that was found in a folder, not named by anybody, is worth a row. */
  public static boolean isCandidate(Path file) {
    return Inputs.isDump(file);
  }

  /**
   * The row of a dump that was read from a copy, as if it had been read where it lies.
   *
   * @param path where it lies: a path or the address of a file in a store
   * @param size bytes of the file there
   * @param modified when it was last changed there, ISO 8601 in UTC
   */
  public TriageRow named(TriageRow row, String path, long size, String modified) {
    TriageRow.Identity copy = row.identity();
    String key = DumpSource.key(path + "\0" + copy.member(), size, modified);
    return new TriageRow(
        new TriageRow.Identity(
            key,
            triage.shown(path),
            copy.member(),
            copy.size(),
            modified,
            copy.digest(),
            copy.digestOf()),
        row.failure(),
        row.system(),
        row.stop(),
        row.stack(),
        row.driver(),
        row.suspect(),
        row.recursion(),
        row.buckets(),
        row.timings(),
        row.notes());
  }
}
