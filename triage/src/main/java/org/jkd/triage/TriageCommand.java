// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.engine.program.Subcommand;
import org.jkd.engine.redact.Redaction;

/** {@code jkd triage PATH...}: one row per dump, and what many have in common. */
public final class TriageCommand implements Subcommand {
  private static final String HELP =
      """
      jkd triage PATH... [options]

      One row per dump: what stopped the system, whether a stack ran out, whose driver used it,
      and the keys under which crashes of one cause fall together. PATH is a dump, a folder, an
      archive of dumps (zip, cab, gz, xz), a pattern in quotes such as 'dumps/**.dmp', or @FILE
      with one of these on each line. No dump hurts another: what cannot be read, takes too long or
      wants too much memory has a row that says so.

        --out FILE         write the rows to FILE.jsonl, FILE.csv or FILE.parquet; - is standard
                           output, as JSON
        --resume           go on with what an earlier run wrote to FILE
        --html DIR         write an overview, DIR/index.html, and a page for each kernel dump
        --group-by KEY     columns of the table at the end, with commas (usually bucket)
        --top N            lines of that table (usually 20)
        --jobs N           dumps at a time (usually the number of processors)
        --since TIME       only systems that stopped at or after a date, a moment or a span before
                           now: 2026-01-31, 2026-01-31T12:00:00Z, 12h, 7d
        --timeout SECONDS  for one dump (usually 60)
        --no-timings       leave out what each dump took, so that two runs give equal rows
        --redact           tokens instead of names of users and hosts, paths and strings
        -y PATH, -i PATH   where symbols and images are; read once and shared by all dumps

      docs/triage.md explains the columns. Memory: JKD_OPTS=-Xmx4g bounds the whole run.
      """;

  @Override
  public String name() {
    return "triage";
  }

  @Override
  public String help() {
    return HELP;
  }

  @Override
  public int run(List<String> args, Map<String, String> environment, Streams streams)
      throws IOException {
    TriageOptions options = TriageOptions.parse(args, environment);
    List<Path> files = Inputs.of(options.inputs(), options.since());
    if (files.isEmpty()) {
      throw new Missing("no dump was found in " + String.join(", ", options.inputs()));
    }
    Summary summary = new Summary(options.groupBy());
    Overview overview = new Overview();
    Consumer<Map<String, Object>> counted =
        options.html().isPresent()
            ? values -> {
              summary.add(values);
              overview.add(values);
            }
            : summary::add;
    Optional<ReportPages> pages = Optional.empty();
    try (RowStore store =
        RowStore.open(options, streams, options.redact() ? redacted(counted) : counted)) {
      if (options.html().isPresent()) {
        pages = Optional.of(new ReportPages(options.html().get()));
      }
      long before = store.size();
      Progress progress = new Progress(streams, files.size());
      Triage triage =
          new Triage(
              SymbolPlaces.of(options.symbolPath(), options.imagePath()).shared(),
              options.limits(),
              options.since(),
              options.redact());
      Runner.Sink sink =
          new Runner.Sink() {
            @Override
            public void row(TriageRow found) throws IOException {
              TriageRow row = options.timings() ? found : found.withTimings(TriageRow.Timings.NONE);
              Map<String, Object> values = Rows.of(row);
              store.add(row, values);
              counted.accept(values);
              progress.row(row.failure().category() != Category.NONE);
            }

            @Override
            public void file() throws IOException {
              progress.file();
              progress.tell();
            }

            @Override
            public void tick() throws IOException {
              progress.tell();
            }
          };
      Triage.Watcher watcher = pages.isPresent() ? pages.get() : Triage.Watcher.NONE;
      new Runner(triage, watcher, options.limits(), store::isDone, sink).run(files, options.jobs());
      progress.end(before);
      store.finish();
    }
    (options.out().equals(Optional.of("-")) ? streams.err() : streams.out())
        .write(summary.table(options.top()));
    if (options.html().isPresent()) {
      overview.write(options.html().get());
      streams.notice("overview: " + shown(options.html().get().resolve("index.html"), options));
    }
    Optional<IOException> unwritten = pages.flatMap(ReportPages::failure);
    if (unwritten.isPresent()) {
      streams.notice("not all reports could be written: " + unwritten.get().getMessage());
      return 1;
    }
    return 0;
  }

  private static String shown(Object text, TriageOptions options) {
    String plain = String.valueOf(text);
    return options.redact() ? Redaction.withoutNames().apply(plain) : plain;
  }

  /** Does not take rows that show what new ones would hide. */
  private static Consumer<Map<String, Object>> redacted(Consumer<Map<String, Object>> rows) {
    return values -> {
      if (!Redaction.isFile(Rows.text(values, "path"))) {
        throw new WrongUsage("--resume: the file has rows that were written without --redact");
      }
      rows.accept(values);
    };
  }
}
