// SPDX-License-Identifier: Apache-2.0
package org.jkd.spark;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.triage.FileTriage;
import org.jkd.triage.Limits;
import org.jkd.triage.TriageRow;

/**
 * What an executor does with some of the files. Symbols and images that one task has opened serve
 * all tasks of the executor.
 */
final class DumpTask implements FlatMapFunction<Iterator<InputFile>, Row> {
  private static final long serialVersionUID = 1L;

  /** One for each way in which this Java machine was asked to triage; a cluster has one. */
  private static final Map<Options, FileTriage> SHARED = new ConcurrentHashMap<>();

  private final Options options;
  private final SerializableConfiguration hadoop;

  DumpTask(Options options, Configuration hadoop) {
    this.options = options;
    this.hadoop = new SerializableConfiguration(hadoop);
  }

  @Override
  public Iterator<Row> call(Iterator<InputFile> files) throws IOException {
    FileTriage triage = SHARED.computeIfAbsent(options, DumpTask::triage);
    List<Row> rows = new ArrayList<>();
    while (files.hasNext()) {
      for (TriageRow row : rows(triage, files.next())) {
        TriageRow kept = options.timings() ? row : row.withTimings(TriageRow.Timings.NONE);
        rows.add(RowSchema.row(kept));
      }
    }
    return rows.iterator();
  }

  private static FileTriage triage(Options options) {
    Limits limits = Limits.USUAL.withTime(Duration.ofSeconds(options.seconds()));
    SymbolPlaces places = SymbolPlaces.of(options.symbolPath(), options.imagePath()).shared();
    return new FileTriage(
        new org.jkd.triage.Triage(places, limits, Optional.empty(), options.redact()), limits);
  }

  private List<TriageRow> rows(FileTriage triage, InputFile file) throws IOException {
    URI uri = URI.create(file.uri());
    if ("file".equals(uri.getScheme())) {
      Path here = Path.of(uri);
      return isWanted(file, here) ? triage.rows(here) : List.of();
    }
    // A dump is read here and there and all over: a stream from a distant store would not do.
    Path folder = Files.createTempDirectory("jkd");
    Path copy = folder.resolve(lastName(uri));
    try {
      FileSystem store = FileSystem.get(uri, hadoop.value());
      try (InputStream in = store.open(new org.apache.hadoop.fs.Path(uri))) {
        Files.copy(in, copy);
      }
      if (!isWanted(file, copy)) {
        return List.of();
      }
      String modified = Instant.ofEpochMilli(file.modified()).toString();
      return triage.rows(copy).stream()
          .map(row -> triage.named(row, file.uri(), file.size(), modified))
          .toList();
    } finally {
      Files.deleteIfExists(copy);
      Files.deleteIfExists(folder);
    }
  }

  private static boolean isWanted(InputFile file, Path local) {
    return file.isNamed() || FileTriage.isCandidate(local);
  }

  /**
   * The file's own name, of which archives and reports make use; never a path out of the folder.
   */
  private static String lastName(URI uri) {
    String name = new org.apache.hadoop.fs.Path(uri).getName();
    return name.replaceAll("[^A-Za-z0-9._-]", "_").replaceAll("^\\.+", "_");
  }
}
