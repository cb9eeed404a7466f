// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * Rows as a Parquet file (format 2 of parquet-format's README and parquet.thrift): every column
 * optional, plain values, one gzip-packed page for each column of a row group, lists in the
 * three-level form. Small and plain on purpose; what reads Parquet reads it.
 */
final class ParquetFile {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.ISO_8859_1);

  /** Rows that are held in memory until their group is written. */
  static final int GROUP = 4096;

  private static final int INT64 = 2;
  private static final int DOUBLE = 5;
  private static final int BYTE_ARRAY = 6;
  private static final int REQUIRED = 0;
  private static final int OPTIONAL = 1;
  private static final int REPEATED = 2;
  private static final int UTF8 = 0;
  private static final int LIST = 3;
  private static final int PLAIN = 0;
  private static final int RLE = 3;
  private static final int GZIP = 2;

  private final OutputStream out;
  private final List<Group> groups = new ArrayList<>();
  private long at;

  private ParquetFile(OutputStream out) {
    this.out = out;
  }

  private record Chunk(long offset, int values, long plain, long packed) {}

  private record Group(int rows, List<Chunk> chunks) {}

  /** Writes the rows of a journal. */
  static void write(Path journal, Path target) throws IOException {
    try (BufferedReader in = Journal.reader(journal);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
      ParquetFile file = new ParquetFile(out);
      file.put(MAGIC);
      List<Map<String, Object>> rows = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        rows.add(Rows.parse(line));
        if (rows.size() == GROUP) {
          file.group(rows);
          rows.clear();
        }
      }
      if (!rows.isEmpty()) {
        file.group(rows);
      }
      file.footer();
    }
  }

  private void put(byte[] bytes) throws IOException {
    out.write(bytes);
    at += bytes.length;
  }

  private void group(List<Map<String, Object>> rows) throws IOException {
    List<Chunk> chunks = new ArrayList<>();
    for (Column column : Column.ALL) {
      chunks.add(chunk(column, rows));
    }
    groups.add(new Group(rows.size(), chunks));
  }

  private Chunk chunk(Column column, List<Map<String, Object>> rows) throws IOException {
    Levels repetition = new Levels();
    Levels definition = new Levels();
    Values values = new Values();
    for (Map<String, Object> row : rows) {
      Object value = row.get(column.name());
      switch (value) {
        case null -> level(repetition, 0, definition, 0);
        case List<?> list -> {
          if (list.isEmpty()) {
            level(repetition, 0, definition, 1);
          }
          for (int i = 0; i < list.size(); i++) {
            level(repetition, i == 0 ? 0 : 1, definition, 2);
            values.text(String.valueOf(list.get(i)));
          }
        }
        default -> {
          level(repetition, 0, definition, 1);
          values.add(column.type(), value);
        }
      }
    }
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    if (column.type() == Column.Type.TEXTS) {
      repetition.writeTo(page);
    }
    definition.writeTo(page);
    values.out.writeTo(page);
    byte[] packed = gzip(page.toByteArray());
    byte[] header =
        new ThriftOut()
            .i32(1, 0)
            .i32(2, page.size())
            .i32(3, packed.length)
            .begin(5)
            .i32(1, definition.count)
            .i32(2, PLAIN)
            .i32(3, RLE)
            .i32(4, RLE)
            .end()
            .bytes();
    Chunk chunk =
        new Chunk(
            at,
            definition.count,
            (long) header.length + page.size(),
            header.length + packed.length);
    put(header);
    put(packed);
    return chunk;
  }

  private static void level(Levels repetition, int r, Levels definition, int d) {
    repetition.add(r);
    definition.add(d);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    }
    return packed.toByteArray();
  }

  private void footer() throws IOException {
    ThriftOut meta = new ThriftOut().i32(1, 2);
    schema(meta);
    meta.i64(3, groups.stream().mapToLong(Group::rows).sum()).structs(4, groups.size());
    for (Group group : groups) {
      meta.begin().structs(1, group.chunks.size());
      for (int i = 0; i < group.chunks.size(); i++) {
        column(meta, Column.ALL.get(i), group.chunks.get(i));
      }
      meta.i64(2, group.chunks.stream().mapToLong(Chunk::plain).sum()).i64(3, group.rows).end();
    }
    byte[] footer = meta.text(6, "jkd").bytes();
    put(footer);
    put(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(footer.length).array());
    put(MAGIC);
  }

  private static void schema(ThriftOut meta) {
    int elements = 1;
    for (Column c : Column.ALL) {
      elements += c.type() == Column.Type.TEXTS ? 3 : 1;
    }
    meta.structs(2, elements);
    meta.begin().text(4, "row").i32(5, Column.ALL.size()).end();
    for (Column c : Column.ALL) {
      switch (c.type()) {
        case TEXT ->
            meta.begin().i32(1, BYTE_ARRAY).i32(3, OPTIONAL).text(4, c.name()).i32(6, UTF8).end();
        case NUMBER -> meta.begin().i32(1, INT64).i32(3, OPTIONAL).text(4, c.name()).end();
        case FRACTION -> meta.begin().i32(1, DOUBLE).i32(3, OPTIONAL).text(4, c.name()).end();
        case TEXTS -> {
          meta.begin().i32(3, OPTIONAL).text(4, c.name()).i32(5, 1).i32(6, LIST).end();
          meta.begin().i32(3, REPEATED).text(4, "list").i32(5, 1).end();
          meta.begin().i32(1, BYTE_ARRAY).i32(3, REQUIRED).text(4, "element").i32(6, UTF8).end();
        }
      }
    }
  }

  private static void column(ThriftOut meta, Column column, Chunk chunk) {
    meta.begin().i64(2, chunk.offset).begin(3).i32(1, physical(column.type())).i32s(2, PLAIN, RLE);
    if (column.type() == Column.Type.TEXTS) {
      meta.texts(3, column.name(), "list", "element");
    } else {
      meta.texts(3, column.name());
    }
    meta.i32(4, GZIP)
        .i64(5, chunk.values)
        .i64(6, chunk.plain)
        .i64(7, chunk.packed)
        .i64(9, chunk.offset)
        .end()
        .end();
  }

  private static int physical(Column.Type type) {
    return switch (type) {
      case TEXT, TEXTS -> BYTE_ARRAY;
      case NUMBER -> INT64;
      case FRACTION -> DOUBLE;
    };
  }

  /** Levels as runs of the hybrid encoding, with their length in four bytes before them. */
  private static final class Levels {
    private final ByteArrayOutputStream runs = new ByteArrayOutputStream();
    private int count;
    private int value;
    private int run;

    void add(int level) {
      if (run > 0 && level != value) {
        flush();
      }
      value = level;
      run++;
      count++;
    }

    private void flush() {
      ThriftOut.varint((long) run << 1, runs);
      runs.write(value);
      run = 0;
    }

    void writeTo(ByteArrayOutputStream page) throws IOException {
      if (run > 0) {
        flush();
      }
      page.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(runs.size()).array());
      runs.writeTo(page);
    }
  }

  /** Values in plain encoding. */
  private static final class Values {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void add(Column.Type type, Object value) {
      switch (type) {
        case TEXT, TEXTS -> text(value.toString());
        case NUMBER -> word(value instanceof Number n ? n.longValue() : 0);
        case FRACTION ->
            word(Double.doubleToLongBits(value instanceof Number n ? n.doubleValue() : 0));
      }
    }

    void text(String value) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      out.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
      out.writeBytes(utf8);
    }

    private void word(long bits) {
      out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array());
    }
  }
}
