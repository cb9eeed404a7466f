// SPDX-License-Identifier: Apache-2.0
package org.jkd.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jkd.engine.program.Subcommand;
import org.jkd.sample.ReferenceCase;
import org.jkd.triage.Column;
import org.jkd.triage.Rows;
import org.jkd.triage.TriageCommand;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job on a cluster of two executors, each a Java machine of its own; {@code SPARK_HOME} is a
 * folder with Spark's jars that the build put together.
 */
class LocalClusterTest {
  private static final int COPIES = 24;

  @TempDir static Path folder;

  private static Path dumps;
  private static SparkSession session;

  @BeforeAll
  static void start() throws IOException {
    Path sample = folder.resolve("sample");
    ReferenceCase.writeTo(sample);
    dumps = Files.createDirectory(folder.resolve("dumps"));
    for (int i = 0; i < COPIES; i++) {
      String kind = i % 2 == 0 ? ReferenceCase.SMALL : ReferenceCase.BITMAP;
      Path copy = dumps.resolve("d" + i + ".dmp");
      Files.copy(sample.resolve(kind), copy, StandardCopyOption.REPLACE_EXISTING);
      if (i % 8 == 7) {
        byte[] half = Files.readAllBytes(copy);
        Files.write(copy, Arrays.copyOf(half, half.length / 3));
      }
    }
    Files.writeString(dumps.resolve("readme.txt"), "no dump, and nobody named it");
    Files.writeString(dumps.resolve("fake.dmp"), "named like a dump");
    session =
        SparkSession.builder()
            .master("local-cluster[2,1,1024]")
            .appName("jkd test")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .config("spark.task.maxFailures", "8")
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  /** What {@code jkd triage} says of the same dumps. */
  private static List<String> locally(String... more) throws IOException {
    return sorted(Files.readAllLines(local("rows.jsonl", more)));
  }

  /** The file that it writes. */
  private static Path local(String name, String... more) throws IOException {
    Path out = Files.createTempDirectory(folder, "local").resolve(name);
    List<String> args =
        new ArrayList<>(
            List.of(dumps.toString(), "--no-timings", "--jobs", "2", "--out", out.toString()));
    args.addAll(List.of(more));
    Subcommand.Streams streams =
        new Subcommand.Streams(new StringWriter(), new StringWriter(), false);
    int code = new TriageCommand().run(args, Map.of(), streams);
    assertThat(code).isZero();
    return out;
  }

  private static List<String> sorted(List<String> lines) {
    return lines.stream().sorted().toList();
  }

  private static Options options(Path out) {
    return options(out, false);
  }

  private static Options options(Path out, boolean redact) {
    String in = dumps.toUri().toString();
    return new Options(in, out.toUri().toString(), "", "", 60, 1, false, redact);
  }

  private static List<String> json(Path out) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(out.resolve("json"))) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-")).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return sorted(lines);
  }

  @Test
  void rows_are_those_of_the_local_runner() throws IOException {
    Path out = folder.resolve("calm");
    Triage.Result result = Triage.run(session, options(out));
    assertThat(result.rows()).isEqualTo(COPIES + 1);
    assertThat(result.failures()).isEqualTo(COPIES / 8 + 1);
    assertThat(json(out)).isEqualTo(locally());

    Dataset<Row> rows = session.read().parquet(out.resolve("rows").toUri().toString());
    assertThat(rows.count()).isEqualTo(COPIES + 1);
    assertThat(rows.columns()).contains("day", "bucket", "outcome");
    assertThat(session.read().parquet(out.resolve("failures").toUri().toString()).count())
        .isEqualTo(COPIES / 8 + 1);
  }

  /** Spark reads the Parquet file of {@code jkd triage} as the table that it writes itself. */
  @Test
  void a_local_run_writes_parquet_that_spark_reads() throws IOException {
    Dataset<Row> local =
        session.read().parquet(local("rows.parquet").toUri().toString()).orderBy("key");
    assertThat(local.schema().fieldNames())
        .containsExactly(Column.ALL.stream().map(Column::name).toArray(String[]::new));

    List<Row> rows = local.collectAsList();
    List<Map<String, Object>> expected =
        locally().stream()
            .map(Rows::parse)
            .sorted(Comparator.comparing((Map<String, Object> row) -> Rows.text(row, "key")))
            .toList();
    assertThat(rows).hasSameSizeAs(expected);
    for (int i = 0; i < rows.size(); i++) {
      for (Column column : Column.ALL) {
        Object value = rows.get(i).getAs(column.name());
        Object wanted = expected.get(i).get(column.name());
        assertThat(
                wanted instanceof List
                    ? rows.get(i).getList(rows.get(i).fieldIndex(column.name()))
                    : value)
            .as(column.name())
            .isEqualTo(wanted);
      }
    }
  }

  @Test
  void rows_are_redacted_as_locally() throws IOException {
    Path out = folder.resolve("redacted");
    Triage.run(session, options(out, true));
    assertThat(json(out)).isEqualTo(locally("--redact"));
    assertThat(json(out)).hasSize(COPIES + 1).noneMatch(row -> row.contains(dumps.toString()));
  }

  @Test
  void an_executor_that_dies_costs_no_row_and_doubles_none() throws Exception {
    Path out = folder.resolve("killed");
    Thread killer =
        Thread.ofPlatform()
            .start(() -> {
              // As soon as one task is done, others are at work.
              while (finishedTasks() == 0) {
                Thread.onSpinWait();
              }
              executor().orElseThrow().destroyForcibly();
            });
    Triage.Result result = Triage.run(session, options(out));
    killer.join();
    assertThat(result.rows()).isEqualTo(COPIES + 1);
    assertThat(json(out)).isEqualTo(locally());
  }

  private static int finishedTasks() {
    var tracker = session.sparkContext().statusTracker();
    int finished = 0;
    for (int stage : tracker.getActiveStageIds()) {
      var info = tracker.getStageInfo(stage);
      finished += info.isDefined() ? info.get().numCompletedTasks() : 0;
    }
    return finished;
  }

  /** The executors are the only Java machines that this one starts. */
  private static Optional<ProcessHandle> executor() {
    return ProcessHandle.current()
        .descendants()
        .filter(p -> p.info().command().orElse("").endsWith("java"))
        .findFirst();
  }
}
