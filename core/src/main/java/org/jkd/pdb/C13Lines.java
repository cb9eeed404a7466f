// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/**
 * The source lines of one compiland (C13 subsections), read in place: tables of lines for ranges of
 * code, the files that they name, and where inlined functions begin in the source.
 */
final class C13Lines {
  private static final int LINES = 0xf2;
  private static final int CHECKSUMS = 0xf4;
  private static final int INLINEES = 0xf6;
  private static final int HEADER = 8;
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
  private final SectionTable sections;
  private final long end;

  /** Start of each table's code (RVA) in the high half, its number in the low half; ascending. */
  private final long[] order;

  /** Where each table lies. */
  private final int[] places;

  /** Bytes of the longest range that a table covers. */
  private final long longest;

  private long[] inlineesAt = new long[0];
  private int inlineeTables;
  private @Nullable Map<Integer, Inlinee> inlinees;
  private long checksumsAt = -1;
  private long checksumsEnd = -1;

  /** The lines of a range of code; {@code at} is where its blocks start in the stream. */
  private record Table(long start, long size, boolean columns, long at, long end) {}

  /** Where an inlined function begins: a place in the table of files, and a line. */
  record Inlinee(long file, int line) {}

  C13Lines(MsfStream stream, long at, long size, NameTable names, SectionTable sections) {
    this.s = stream;
    this.names = names;
    this.sections = sections;
    this.end = Math.min(at + size, stream.size());
    long[] starts = new long[64];
    int[] found = new int[64];
    int count = 0;
    long most = 0;
    long p = at;
    while (p + HEADER <= end) {
      int type = s.i32(p);
      long length = s.u32(p + 4);
      long data = p + HEADER;
      long dataEnd = Math.min(data + length, end);
      if (type == LINES && data + LINE_HEADER <= dataEnd && count < MAX_TABLES) {
        long rva = sections.rva(s.u16(data + 4), s.u32(data));
        if (rva >= 0) {
          if (count == found.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            found = Arrays.copyOf(found, 2 * count);
          }
          starts[count] = rva << 31 | count;
          found[count++] = (int) data;
          most = Math.max(most, s.u32(data + 8));
        }
      } else if (type == CHECKSUMS) {
        checksumsAt = data;
        checksumsEnd = dataEnd;
      } else if (type == INLINEES) {
        if (inlineeTables == inlineesAt.length) {
          inlineesAt = Arrays.copyOf(inlineesAt, 2 * inlineeTables + 1);
        }
        inlineesAt[inlineeTables++] = data;
      }
      p = (data + length + 3) & ~3L;
    }
    order = Arrays.copyOf(starts, count);
    Arrays.sort(order);
    places = Arrays.copyOf(found, count);
    longest = most;
  }

  private Table table(int number) {
    long data = places[number] & 0xffff_ffffL;
    return new Table(
        sections.rva(s.u16(data + 4), s.u32(data)),
        s.u32(data + 8),
        (s.u16(data + 6) & HAS_COLUMNS) != 0,
        data + LINE_HEADER,
        dataEnd(data));
  }

  /** Where a subsection ends. */
  private long dataEnd(long data) {
    return Math.min(data + s.u32(data - 4), end);
  }

  private void readInlinees(long at, long end, Map<Integer, Inlinee> into) {
    if (at + 4 > end) {
      return;
    }
    boolean extra = s.u32(at) == 1;
    long p = at + 4;
    while (p + 12 <= end && into.size() < MAX_INLINEES) {
      into.putIfAbsent(s.i32(p), new Inlinee(s.u32(p + 4), s.i32(p + 8)));
      // Files beyond the first one that a function is spread over.
      p += 12 + (extra && p + 16 <= end ? 4 + 4 * s.u32(p + 12) : 0);
    }
  }

  /** Where an inlined function begins in the source. */
  Optional<Inlinee> inlinee(int id) {
    Map<Integer, Inlinee> all = inlinees;
    if (all == null) {
      all = new HashMap<>();
      for (int i = 0; i < inlineeTables; i++) {
        readInlinees(inlineesAt[i], dataEnd(inlineesAt[i]), all);
      }
      inlinees = all;
    }
    return Optional.ofNullable(all.get(id));
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

  /**
   * The line of an address, an RVA as those of the row are; empty when no table covers it or the
   * line is hidden. Of several tables the first one in the file counts.
   */
  Optional<LineRow> line(long rva) {
    int i = Arrays.binarySearch(order, (rva + 1) << 31);
    int chosen = Integer.MAX_VALUE;
    Optional<LineRow> result = Optional.empty();
    for (i = i >= 0 ? i - 1 : -i - 2; i >= 0 && rva - (order[i] >>> 31) < longest; i--) {
      int number = (int) (order[i] & 0x7fff_ffff);
      Table t = table(number);
      if (number < chosen && rva - t.start < t.size) {
        Best best = new Best(t, rva - t.start);
        rows(t, best);
        if (best.file >= 0) {
          chosen = number;
          result = best.row(this);
        }
      }
    }
    return result;
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

  /** The addresses where a line of a file begins, as RVAs; those of lower functions first. */
  List<Long> starts(String fileEnd, int wanted) {
    List<Long> result = new ArrayList<>();
    Map<Long, Boolean> isFile = new HashMap<>();
    for (long entry : order) {
      Table t = table((int) (entry & 0x7fff_ffff));
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
    return result;
  }
}
