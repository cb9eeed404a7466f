// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jkd.engine.program.Subcommand;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of a run go. Rows in JSON lines are the journal themselves; other formats are made
 * from a journal beside them when all rows are there.
 */
final class RowStore implements Closeable {
  private static final String JOURNAL = ".journal";

  private final @Nullable Journal journal;
  private final @Nullable Path journalPath;
  private final @Nullable Path target;
  private final Subcommand.Streams streams;
  private final boolean toStreams;
  private final Set<String> done = new HashSet<>();
  private boolean finished;

  private RowStore(
      @Nullable Journal journal,
      @Nullable Path journalPath,
      @Nullable Path target,
      Subcommand.Streams streams,
      boolean toStreams) {
    this.journal = journal;
    this.journalPath = journalPath;
    this.target = target;
    this.streams = streams;
    this.toStreams = toStreams;
  }

  /**
   * Opens what {@code --out} names.
   *
   * @param earlier gets the rows that an earlier run left
   */
  static RowStore open(
      TriageOptions options, Subcommand.Streams streams, Consumer<Map<String, Object>> earlier)
      throws IOException {
    Optional<String> out = options.out();
    if (out.isEmpty() || out.get().equals("-")) {
      return new RowStore(null, null, null, streams, out.isPresent());
    }
    Path target = TriageOptions.path(out.get());
    boolean lines = out.get().toLowerCase(Locale.ROOT).endsWith(".jsonl");
    Path journal = lines ? target : target.resolveSibling(target.getFileName() + JOURNAL);
    if (Files.exists(target) && (lines ? !options.resume() : true)
        || !lines && !options.resume() && Files.exists(journal)) {
      throw new Subcommand.WrongUsage(
          (Files.exists(target) ? target : journal)
              + " exists already: "
              + (lines || !Files.exists(target) ? "--resume goes on with it, " : "")
              + "another name begins anew");
    }
    return new RowStore(Journal.open(journal, earlier), journal, target, streams, false);
  }

  /** True if a dump has its row. */
  boolean isDone(String key) {
    if (journal != null) {
      return journal.isDone(key);
    }
    synchronized (done) {
      return done.contains(key);
    }
  }

  /** How many rows there are. */
  int size() {
    if (journal != null) {
      return journal.size();
    }
    synchronized (done) {
      return done.size();
    }
  }

  /** Adds a row. */
  void add(TriageRow row, Map<String, Object> values) throws IOException {
    if (journal != null) {
      journal.add(values, row.json());
      return;
    }
    synchronized (done) {
      done.add(row.identity().key());
    }
    if (toStreams) {
      streams.out().write(row.json() + "\n");
    }
  }

  /** All rows are there: makes the format that was asked for. */
  void finish() throws IOException {
    finished = true;
    if (journal != null) {
      journal.close();
    }
    Path from = journalPath;
    Path to = target;
    if (from != null && to != null && !from.equals(to)) {
      if (to.toString().toLowerCase(Locale.ROOT).endsWith(".csv")) {
        CsvFile.write(from, to);
      } else {
        ParquetFile.write(from, to);
      }
      Files.delete(from);
    }
  }

  @Override
  public void close() throws IOException {
    if (journal != null && !finished) {
      journal.close();
    }
  }
}
