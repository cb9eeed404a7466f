// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jkd.engine.render.JsonOut;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows as CSV and Parquet, read by DuckDB, which knows nothing of jkd. */
class RowFilesTest {
  /** What makes writers of CSV stumble (RFC 4180), and writers of text in general. */
  private static final List<String> TEXTS =
      List.of(
          "plain",
          "a,b",
          ",",
          "say \"hi\"",
          "\"",
          "\"\"",
          "\"a\",\"b\"",
          "two\r\nlines",
          "a\nb",
          "a\rb",
          "\n",
          " blanks ",
          "a;b|c\td",
          "'",
          "null",
          "NULL",
          "0x7f",
          "1e9",
          "<unknown>",
          "back\\slash",
          "\u00e4\u00f6\u00fc \u03a9 \u6f22\u5b57 \ud83d\ude42",
          "\u2028",
          "\ufeffmark",
          "x".repeat(100_000));

  @TempDir Path folder;

  @BeforeAll
  static void needsTheReader() {
    assumeTrue(
        DriverManager.drivers().anyMatch(d -> d.getClass().getName().contains("duckdb")),
        "needs duckdb_jdbc on the class path, as the build has it");
  }

  private static Connection reader() throws SQLException {
    return DriverManager.getConnection("jdbc:duckdb:");
  }

  /** Rows with every column absent here and there, and every kind of value. */
  private static List<Map<String, Object>> rows(int count) {
    Random random = new Random(4180);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, Object> row = new HashMap<>();
      for (Column column : Column.ALL) {
        if (random.nextInt(4) > 0) {
          row.put(column.name(), value(column.type(), random));
        }
      }
      row.put("key", "k" + i);
      rows.add(row);
    }
    return rows;
  }

  private static Object value(Column.Type type, Random random) {
    return switch (type) {
      case TEXT -> text(random);
      case NUMBER ->
          switch (random.nextInt(4)) {
            case 0 -> 0L;
            case 1 -> Long.MAX_VALUE;
            case 2 -> Long.MIN_VALUE;
            default -> random.nextLong() >> random.nextInt(64);
          };
      case FRACTION -> random.nextInt(10_001) / 10_000.0;
      case TEXTS -> {
        List<String> texts = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
          texts.add(text(random));
        }
        yield List.copyOf(texts);
      }
    };
  }

  private static String text(Random random) {
    // The long one now and then only: a hundred rows of it would say no more.
    int last = random.nextInt(50) == 0 ? TEXTS.size() : TEXTS.size() - 1;
    return TEXTS.get(random.nextInt(last));
  }

  private Path journal(Iterable<Map<String, Object>> rows) throws IOException {
    Path journal = folder.resolve("rows.journal");
    try (BufferedWriter out = Files.newBufferedWriter(journal, StandardCharsets.UTF_8)) {
      for (Map<String, Object> row : rows) {
        out.write(json(row));
        out.write('\n');
      }
    }
    return journal;
  }

  private static String json(Map<String, Object> row) {
    return JsonOut.object(out -> {
      out.text("schema", TriageRow.SCHEMA);
      row.forEach((name, value) -> {
        switch (value) {
          case Long n -> out.number(name, n.longValue());
          case Double d -> out.number(name, d.doubleValue());
          case List<?> l -> out.texts(name, l.stream().map(String::valueOf).toList());
          default -> out.text(name, value.toString());
        }
      });
    });
  }

  private Path parquet(Iterable<Map<String, Object>> rows) throws IOException {
    Path file = folder.resolve("rows.parquet");
    ParquetFile.write(journal(rows), file);
    return file;
  }

  private Path csv(Iterable<Map<String, Object>> rows) throws IOException {
    Path file = folder.resolve("rows.csv");
    CsvFile.write(journal(rows), file);
    return file;
  }

  /** Nothing is guessed: every part of RFC 4180 is said, and every field is a text. */
  private static String strictly(Path csv) {
    return "read_csv('"
        + csv
        + "', header = true, delim = ',', quote = '\"', escape = '\"',"
        + " strict_mode = true, all_varchar = true, auto_detect = false, max_line_size = 10000000,"
        + " columns = {"
        + String.join(", ", Column.ALL.stream().map(c -> "'" + c.name() + "': 'VARCHAR'").toList())
        + "})";
  }

  private static Object value(ResultSet found, int column) throws SQLException {
    Object value = found.getObject(column);
    return value instanceof Array list
        ? Arrays.stream((Object[]) list.getArray()).map(String::valueOf).toList()
        : value == null ? "(absent)" : value;
  }

  @Test
  void parquet_has_every_value_as_it_was() throws Exception {
    List<Map<String, Object>> rows = rows(300);
    try (Connection reader = reader();
        Statement statement = reader.createStatement();
        ResultSet found = statement.executeQuery("SELECT * FROM '" + parquet(rows) + "'")) {
      for (Map<String, Object> row : rows) {
        assertThat(found.next()).isTrue();
        for (int i = 0; i < Column.ALL.size(); i++) {
          Column column = Column.ALL.get(i);
          assertThat(found.getMetaData().getColumnName(i + 1)).isEqualTo(column.name());
          assertThat(value(found, i + 1))
              .as(row.get("key") + " " + column.name())
              .isEqualTo(row.getOrDefault(column.name(), "(absent)"));
        }
      }
      assertThat(found.next()).isFalse();
    }
  }

  @Test
  void parquet_says_what_its_columns_are() throws Exception {
    Map<String, String> types = new HashMap<>();
    try (Connection reader = reader();
        Statement statement = reader.createStatement();
        ResultSet found =
            statement.executeQuery("DESCRIBE SELECT * FROM '" + parquet(rows(1)) + "'")) {
      while (found.next()) {
        types.put(found.getString("column_name"), found.getString("column_type"));
      }
    }
    for (Column column : Column.ALL) {
      String type =
          switch (column.type()) {
            case TEXT -> "VARCHAR";
            case NUMBER -> "BIGINT";
            case FRACTION -> "DOUBLE";
            case TEXTS -> "VARCHAR[]";
          };
      assertThat(types).containsEntry(column.name(), type);
    }
  }

  @Test
  void csv_has_every_value_as_text() throws Exception {
    List<Map<String, Object>> rows = rows(300);
    try (Connection reader = reader();
        Statement statement = reader.createStatement();
        ResultSet found = statement.executeQuery("SELECT * FROM " + strictly(csv(rows)))) {
      for (Map<String, Object> row : rows) {
        assertThat(found.next()).isTrue();
        for (int i = 0; i < Column.ALL.size(); i++) {
          String column = Column.ALL.get(i).name();
          String text = found.getString(i + 1);
          // An apostrophe keeps spreadsheets from computing a text.
          assertThat(text == null ? "" : text.replaceFirst("^'(?=[=+@\t\r-])", ""))
              .as(row.get("key") + " " + column)
              .isEqualTo(Rows.text(row, column));
        }
      }
      assertThat(found.next()).isFalse();
    }
  }

  @Test
  void files_without_rows_are_read_as_such() throws Exception {
    try (Connection reader = reader();
        Statement statement = reader.createStatement()) {
      for (String from : List.of("'" + parquet(List.of()) + "'", strictly(csv(List.of())))) {
        try (ResultSet found = statement.executeQuery("SELECT * FROM " + from)) {
          assertThat(found.getMetaData().getColumnCount()).as(from).isEqualTo(Column.ALL.size());
          assertThat(found.next()).as(from).isFalse();
        }
      }
    }
  }

  @Test
  void a_hundred_thousand_rows_are_all_there() throws Exception {
    int count = 100_000;
    Iterable<Map<String, Object>> rows =
        () ->
            java.util.stream.IntStream.range(0, count)
                .mapToObj(i ->
                    Map.<String, Object>of(
                        "key", "k" + i, "size", (long) i, "frames", List.of("a" + i % 7, "b")))
                .iterator();
    Path parquet = parquet(rows);
    Path csv = csv(rows);
    try (Connection reader = reader();
        Statement statement = reader.createStatement()) {
      for (String from : List.of("'" + parquet + "'", strictly(csv))) {
        try (ResultSet found =
            statement.executeQuery(
                "SELECT count(*), count(DISTINCT key), sum(size::BIGINT)::BIGINT, count(bucket),"
                    + " count(DISTINCT frames) FROM "
                    + from)) {
          assertThat(found.next()).isTrue();
          assertThat(
                  List.of(
                      found.getLong(1),
                      found.getLong(2),
                      found.getLong(3),
                      found.getLong(4),
                      found.getLong(5)))
              .as(from)
              .containsExactly((long) count, (long) count, count * (count - 1L) / 2, 0L, 7L);
        }
      }
    }
  }

  @Test
  void halves_of_characters_from_a_dump_stop_no_file() throws Exception {
    TriageRow row =
        TriageRow.failed(
            new TriageRow.Identity("k", "a\ud83d.dmp", "\udc00", 1, "", "", ""),
            Category.DAMAGED,
            "name \ud83d of a module\u0000");
    Path rows = folder.resolve("rows.jsonl");
    try (Journal journal = Journal.open(rows, earlier -> {})) {
      journal.add(Rows.of(row), row.json());
    }
    Path parquet = folder.resolve("rows.parquet");
    Path csv = folder.resolve("rows.csv");
    ParquetFile.write(rows, parquet);
    CsvFile.write(rows, csv);
    try (Connection reader = reader();
        Statement statement = reader.createStatement()) {
      for (String from : List.of("'" + parquet + "'", strictly(csv))) {
        try (ResultSet found = statement.executeQuery("SELECT failure, path FROM " + from)) {
          assertThat(found.next()).isTrue();
          assertThat(found.getString(1)).as(from).startsWith("name ").contains(" of a module");
          assertThat(found.getString(2)).as(from).matches("a.\\.dmp");
        }
      }
    }
  }
}
