// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which compiland gave which bytes, as the linker laid them out; read in place. */
public final class SectionContributions {
  static final SectionContributions NONE = new SectionContributions(null, 0, 0, 1);

  private static final int CODE = 0x20;
  private static final int ROWS_AT_ONCE = 256;

  /** Of so many entries the place of one is kept; together they fit into a page. */
  private static final int MARK_EVERY = 64;

  private final @Nullable MsfStream stream;
  private final long at;
  private final int count;
  private final int entry;
  private @Nullable Survey survey;

  /**
   * @param at where the first entry lies
   * @param entry bytes of an entry
   */
  SectionContributions(@Nullable MsfStream stream, long at, int count, int entry) {
    this.stream = stream;
    this.at = at;
    this.count = count;
    this.entry = entry;
  }

  private MsfStream stream() {
    return Objects.requireNonNull(stream);
  }

  private long place(int index) {
    Objects.checkIndex(index, count);
    return at + (long) index * entry;
  }

  /** The number of contributions. */
  public int count() {
    return count;
  }

  /** The number of the section, from 1. */
  public int segment(int index) {
    return stream().u16(place(index));
  }

  /** Bytes from the section's start. */
  public long offset(int index) {
    return stream().u32(place(index) + 4);
  }

  /** Bytes. */
  public long size(int index) {
    return stream().u32(place(index) + 8);
  }

  /** The index of the compiland. */
  public int module(int index) {
    return stream().u16(place(index) + 16);
  }

  /** True when the bytes are instructions. */
  public boolean isCode(int index) {
    return (stream().i32(place(index) + 12) & CODE) != 0;
  }

  /** The contribution that holds a place of a section; −1 when none does. */
  public int find(int inSegment, long at) {
    if (!ascending()) {
      return search(inSegment, at);
    }
    int found = floor(inSegment, at);
    return found >= 0 && holds(found, inSegment, at) ? found : -1;
  }

  /** True when the contributions are in order, as linkers write them. */
  public boolean ascending() {
    return survey().ascending;
  }

  /** Bytes of code that a compiland gave. */
  long codeOf(int module) {
    return module < survey().code.length ? survey().code[module] : 0;
  }

  /** Bytes of code that all compilands gave. */
  long code() {
    return Arrays.stream(survey().code).sum();
  }

  private Survey survey() {
    Survey known = survey;
    if (known == null) {
      known = new Survey(count);
      byte[] rows = new byte[ROWS_AT_ONCE * entry];
      for (int i = 0; i < count; i += ROWS_AT_ONCE) {
        int n = Math.min(ROWS_AT_ONCE, count - i) * entry;
        stream().copy(place(i), rows, n);
        for (int row = 0; row < n; row += entry) {
          known.row(rows, row);
        }
      }
      survey = known;
    }
    return known;
  }

  /** What one look at all entries shows. */
  private static final class Survey {
    private boolean ascending = true;
    private long[] code = new long[64];
    private final long[] marks;
    private int seen;
    private long last;

    Survey(int count) {
      marks = new long[(count + MARK_EVERY - 1) / MARK_EVERY];
    }

    /** The last mark at or below a place; −1 when all are above. */
    int lastMark(long wanted) {
      int i = Arrays.binarySearch(marks, wanted);
      // Of several equal ones the last one counts.
      while (i >= 0 && i + 1 < marks.length && marks[i + 1] == wanted) {
        i++;
      }
      return i >= 0 ? i : -i - 2;
    }

    void row(byte[] rows, int at) {
      long key = (long) u16(rows, at) << 32 | u32(rows, at + 4);
      ascending &= key >= last;
      last = key;
      if (seen % MARK_EVERY == 0) {
        marks[seen / MARK_EVERY] = key;
      }
      seen++;
      if ((rows[at + 12] & CODE) != 0) {
        int module = u16(rows, at + 16);
        if (module >= code.length) {
          code = Arrays.copyOf(code, Math.max(module + 1, 2 * code.length));
        }
        code[module] += u32(rows, at + 8);
      }
    }

    private static int u16(byte[] b, int at) {
      return b[at] & 0xff | (b[at + 1] & 0xff) << 8;
    }

    private static long u32(byte[] b, int at) {
      return u16(b, at) | (long) u16(b, at + 2) << 16;
    }
  }

  /** The last contribution that starts at or below a place; −1 when all are above. */
  public int floor(int inSegment, long at) {
    long wanted = (long) inSegment << 32 | at;
    int mark = survey().lastMark(wanted);
    int low = Math.max(0, mark) * MARK_EVERY;
    int high = Math.min(low + MARK_EVERY, count) - 1;
    while (low <= high) {
      int mid = (low + high) >>> 1;
      if (key(mid) <= wanted) {
        low = mid + 1;
      } else {
        high = mid - 1;
      }
    }
    return high;
  }

  /** Section and offset in one read: both stand at the start of an entry. */
  private long key(int index) {
    long head = stream().u64(place(index));
    return (head & 0xffff) << 32 | head >>> 32;
  }

  private boolean holds(int i, int inSegment, long at) {
    return segment(i) == inSegment && at >= offset(i) && at - offset(i) < size(i);
  }

  /** Linkers sort by section and offset; a file that is not in order is searched from its start. */
  private int search(int inSegment, long at) {
    for (int i = 0; i < count(); i++) {
      if (holds(i, inSegment, at)) {
        return i;
      }
    }
    return -1;
  }
}
