// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.image.FormatException;

/**
 * The source lines of one compiland (C13 subsections), read in place: tables of lines for ranges of
 * code, the files that they name, and where inlined functions begin in the source.
 */
final class C13Lines {
  private static final int LINES = 0xf2;
  private static final int CHECKSUMS = 0xf4;
  private static final int INLINEES = 0xf6;
  private static final int LINE_HEADER = 12;
  private static final int BLOCK_HEADER = 12;
  private static final int HAS_COLUMNS = 1;

  /** Ranges of one compiland; a large one has some ten thousand functions. */
  private static final int MAX_TABLES = 1 << 20;

  private static final int MAX_INLINEES = 1 << 20;
  private static final int MAX_NAME = 4096;

  /** A line that no debugger shows or steps into. */
  private static final int HIDDEN = 0xfeefee;

  private static final int NEVER_STEP_INTO = 0xf00f00;

  private final MsfStream s;
  private final NameTable names;
  private final List<Table> tables = new ArrayList<>();
  private final Map<Integer, Inlinee> inlinees = new HashMap<>();
  private long checksumsAt = -1;
  private long checksumsEnd = -1;

  /** The lines of a range of code; {@code at} is where its blocks start in the stream. */
  private record Table(int segment, long start, long size, boolean columns, long at, long end) {}

  /** Where an inlined function begins: a place in the table of files, and a line. */
  record Inlinee(long file, int line) {}

  C13Lines(MsfStream stream, long at, long size, NameTable names) {
    this.s = stream;
    this.names = names;
    long end = Math.min(at + size, stream.size());
    long p = at;
    while (p + 8 <= end) {
      long type = s.u32(p);
      long length = s.u32(p + 4);
      long data = p + 8;
      long dataEnd = Math.min(data + length, end);
      if (type == LINES && data + LINE_HEADER <= dataEnd && tables.size() < MAX_TABLES) {
        tables.add(
            new Table(
                s.u16(data + 4),
                s.u32(data),
                s.u32(data + 8),
                (s.u16(data + 6) & HAS_COLUMNS) != 0,
                data + LINE_HEADER,
                dataEnd));
      } else if (type == CHECKSUMS) {
        checksumsAt = data;
        checksumsEnd = dataEnd;
      } else if (type == INLINEES) {
        readInlinees(data, dataEnd);
      }
      p = (data + length + 3) & ~3L;
    }
  }

  private void readInlinees(long at, long end) {
    if (at + 4 > end) {
      return;
    }
    boolean extra = s.u32(at) == 1;
    long p = at + 4;
    while (p + 12 <= end && inlinees.size() < MAX_INLINEES) {
      inlinees.putIfAbsent(s.i32(p), new Inlinee(s.u32(p + 4), s.i32(p + 8)));
      // Files beyond the first one that a function is spread over.
      p += 12 + (extra && p + 16 <= end ? 4 + 4 * s.u32(p + 12) : 0);
    }
  }

  /** Where an inlined function begins in the source. */
  Optional<Inlinee> inlinee(int id) {
    return Optional.ofNullable(inlinees.get(id));
  }

  /** The name of a file by its place in the table of files; empty when there is no such place. */
  String file(long place) {
    long p = checksumsAt + place;
    if (checksumsAt < 0 || place < 0 || p + 6 > checksumsEnd) {
      return "";
    }
    return names.text(s.u32(p), MAX_NAME);
  }

  /** Takes rows of a table. */
  private interface Rows {
    /**
     * A row.
     *
     * @param offset bytes from the table's start
     * @return false to see no more
     */
    boolean row(long file, long offset, int line, int column);
  }

  private void rows(Table table, Rows visitor) {
    long p = table.at;
    while (p + BLOCK_HEADER <= table.end) {
      long file = s.u32(p);
      long count = s.u32(p + 4);
      long bytes = s.u32(p + 8);
      long rows = p + BLOCK_HEADER;
      if (bytes < BLOCK_HEADER
          || p + bytes > table.end
          || count * (table.columns ? 12 : 8) > bytes - BLOCK_HEADER) {
        throw new FormatException("PDB line table", p, "a block of " + bytes + " bytes");
      }
      for (long i = 0; i < count; i++) {
        int line = s.i32(rows + 8 * i + 4) & 0xff_ffff;
        int column = table.columns ? s.u16(rows + 8 * count + 4 * i) : 0;
        if (!visitor.row(file, s.u32(rows + 8 * i), line, column)) {
          return;
        }
      }
      p += bytes;
    }
  }

  /** The line of a place in a section; empty when no table covers it or the line is hidden. */
  Optional<LineRow> line(int segment, long offset) {
    for (Table t : tables) {
      if (t.segment == segment && offset >= t.start && offset - t.start < t.size) {
        Best best = new Best(t, offset - t.start);
        rows(t, best);
        if (best.file >= 0) {
          return best.row(this);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The row with the highest offset at or below one, and where the next one begins. Of several rows
   * at one offset the last one has the code; for the offset itself the first one counts, which is
   * the line where the function opens.
   */
  private static final class Best implements Rows {
    private final Table table;
    private final long wanted;
    private long file = -1;
    private long offset = -1;
    private long next;
    private int line;
    private int column;

    Best(Table table, long wanted) {
      this.table = table;
      this.wanted = wanted;
      this.next = table.size;
    }

    @Override
    public boolean row(long inFile, long at, int number, int inColumn) {
      if (at > wanted) {
        next = Math.min(next, at);
      } else if (at >= offset && !(at == wanted && offset == wanted)) {
        offset = at;
        file = inFile;
        line = number;
        column = inColumn;
      }
      return true;
    }

    Optional<LineRow> row(C13Lines lines) {
      return shown(line)
          ? Optional.of(
              new LineRow(lines.file(file), line, column, table.start + offset, table.start + next))
          : Optional.empty();
    }
  }

  private static boolean shown(int line) {
    return line != HIDDEN && line != NEVER_STEP_INTO;
  }

  /** The places where a line of a file begins. */
  List<Long> starts(int segment, String fileEnd, int wanted) {
    List<Long> result = new ArrayList<>();
    Map<Long, Boolean> isFile = new HashMap<>();
    for (Table t : tables) {
      if (t.segment == segment) {
        rows(
            t,
            (file, offset, line, column) -> {
              if (line == wanted
                  && isFile.computeIfAbsent(file, f -> SourceFiles.same(file(f), fileEnd))) {
                result.add(t.start + offset);
              }
              return true;
            });
      }
    }
    return result;
  }
}
