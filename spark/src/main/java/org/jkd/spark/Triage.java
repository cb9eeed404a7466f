// SPDX-License-Identifier: Apache-2.0
package org.jkd.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;
import org.jkd.triage.Category;

/**
 * {@code spark-submit --class org.jkd.spark.Triage jkd-spark.jar IN OUT}: a row for each dump of a
 * fleet. Writes {@code OUT/rows} (Parquet, by day and bucket), {@code OUT/failures} (the rows of
 * dumps that could not be read to their end) and {@code OUT/json} (every row as a line of JSON).
 */
public final class Triage {
  private Triage() {}

  /** What a run found. */
  record Result(long files, long rows, long failures) {}

  /** Runs on the cluster that {@code spark-submit} names. */
  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = Options.parse(List.of(args));
    } catch (Options.UsageException e) {
      System.err.println("jkd-spark: " + e.getMessage() + "\n\n" + Options.USAGE);
      System.exit(2);
      return;
    }
    try (SparkSession session = SparkSession.builder().appName("jkd triage").getOrCreate()) {
      Result result = run(session, options);
      System.err.printf(
          "jkd-spark: %d files, %d rows, %d of them with a failure%n",
          result.files(), result.rows(), result.failures());
    }
  }

  static Result run(SparkSession session, Options options) throws IOException {
    Configuration hadoop = session.sparkContext().hadoopConfiguration();
    List<InputFile> files = list(new Path(options.input()), hadoop);
    if (files.isEmpty()) {
      throw new IOException(options.input() + ": no file matches");
    }
    int tasks = Math.max(1, (files.size() + options.filesPerTask() - 1) / options.filesPerTask());
    JavaRDD<Row> found =
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .parallelize(files, tasks)
            .mapPartitions(new DumpTask(options, hadoop));
    // Three tables are written from these; no dump is to be read three times.
    Dataset<Row> rows =
        session.createDataFrame(found, RowSchema.type()).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      write(rows, options.output());
      Dataset<Row> failed = rows.filter(failure());
      return new Result(files.size(), rows.count(), failed.count());
    } finally {
      rows.unpersist();
    }
  }

  private static org.apache.spark.sql.Column failure() {
    return functions.col("category").notEqual(Category.NONE.text());
  }

  private static void write(Dataset<Row> rows, String output) {
    Dataset<Row> table = rows.drop(RowSchema.JSON);
    table
        .write()
        .mode(SaveMode.ErrorIfExists)
        .partitionBy("day", "bucket")
        .parquet(output + "/rows");
    table
        .filter(failure())
        .coalesce(1)
        .write()
        .mode(SaveMode.ErrorIfExists)
        .parquet(output + "/failures");
    rows.select(RowSchema.JSON).write().mode(SaveMode.ErrorIfExists).text(output + "/json");
  }

  /** Files below a folder or of a pattern, in the order of their addresses. */
  private static List<InputFile> list(Path input, Configuration hadoop) throws IOException {
    FileSystem store = FileSystem.get(input.toUri(), hadoop);
    List<InputFile> files = new ArrayList<>();
    FileStatus[] roots = store.globStatus(input);
    for (FileStatus root : roots == null ? new FileStatus[0] : roots) {
      if (root.isFile()) {
        files.add(file(root, true));
        continue;
      }
      RemoteIterator<LocatedFileStatus> below = store.listFiles(root.getPath(), true);
      while (below.hasNext()) {
        files.add(file(below.next(), false));
      }
    }
    files.sort(Comparator.comparing(InputFile::uri));
    return files;
  }

  private static InputFile file(FileStatus file, boolean isNamed) {
    return new InputFile(
        file.getPath().toUri().toString(), file.getLen(), file.getModificationTime(), isNamed);
  }
}
