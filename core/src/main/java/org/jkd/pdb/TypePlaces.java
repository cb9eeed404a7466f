// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of a type stream lie. The stream's own table has the place of one record in
 * some hundred (per 8 KB); from there the lengths lead on. A file without a usable table is walked
 * once from its start.
 */
final class TypePlaces {
  /** Steps from an entry of the table; a record has at least 4 bytes, the spacing is 8 KB. */
  private static final int MAX_STEPS = 8192;

  private final MsfStream stream;
  private final long first;
  private final long end;
  private final int begin;
  private final int count;
  private final @Nullable MsfStream table;
  private final long tableAt;
  private final int tableEntries;
  private int lastIndex = -1;
  private long lastPlace;
  private int @Nullable [] all;

  /**
   * @param table the stream with the table of places; null without one
   * @param tableBytes bytes of the table
   */
  TypePlaces(
      MsfStream stream,
      long first,
      long end,
      int begin,
      int count,
      @Nullable MsfStream table,
      long tableAt,
      long tableBytes) {
    this.stream = stream;
    this.first = first;
    this.end = end;
    this.begin = begin;
    this.count = count;
    boolean usable =
        table != null
            && tableBytes >= 8
            && table.has(tableAt, tableBytes)
            && table.i32(tableAt) == begin
            && table.i32(tableAt + 4) == 0;
    this.table = usable ? table : null;
    this.tableAt = tableAt;
    this.tableEntries = (int) Math.min(Integer.MAX_VALUE, tableBytes / 8);
  }

  /** The offset of a record, whose number counts from 0; −1 when there is no such record. */
  long place(int number) {
    if (number < 0 || number >= count) {
      return -1;
    }
    if (all == null && table != null) {
      long found = byTable(table, number);
      if (found >= 0) {
        return found;
      }
    }
    if (all == null) {
      all = walked();
    }
    return number < all.length ? all[number] & 0xffff_ffffL : -1;
  }

  private long byTable(MsfStream t, int number) {
    int low = 0;
    int high = tableEntries - 1;
    while (low < high) {
      int mid = (low + high + 1) >>> 1;
      if (t.i32(tableAt + 8L * mid) - begin <= number) {
        low = mid;
      } else {
        high = mid - 1;
      }
    }
    int at = t.i32(tableAt + 8L * low) - begin;
    long p = first + t.u32(tableAt + 8L * low + 4);
    if (at > number || at < 0 || number - at > MAX_STEPS) {
      return -1;
    }
    if (lastIndex >= at && lastIndex <= number) {
      at = lastIndex;
      p = lastPlace;
    }
    while (at < number) {
      if (p + 4 > end) {
        return -1;
      }
      p += 2L + stream.u16(p);
      at++;
    }
    if (p + 4 > end) {
      return -1;
    }
    lastIndex = number;
    lastPlace = p;
    return p;
  }

  private int[] walked() {
    int[] found = new int[count];
    long p = first;
    int n = 0;
    while (n < found.length && p + 4 <= end) {
      found[n++] = (int) p;
      p += 2L + stream.u16(p);
    }
    return Arrays.copyOf(found, n);
  }
}
