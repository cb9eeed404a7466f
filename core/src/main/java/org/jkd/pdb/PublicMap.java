// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import org.jspecify.annotations.Nullable;

/**
 * The public symbols in order of address, read in place: a table of the places of their records.
 */
public final class PublicMap {
  static final PublicMap NONE = new PublicMap(null, 0, 0, null, null);

  private static final int RECORD = 14;
  private static final int FIRST_STEPS = 1 << 10;

  private final @Nullable MsfStream map;
  private final long at;
  private final int count;
  private final @Nullable MsfStream records;
  private final @Nullable SectionTable sections;

  /**
   * Keys plus 2 of the entries that the first steps of a search meet, numbered like the nodes of a
   * heap: 1, then 2 or 3, and so on; 0 where none was read yet.
   */
  private final long[] first = new long[FIRST_STEPS];

  PublicMap(
      @Nullable MsfStream map,
      long at,
      int count,
      @Nullable MsfStream records,
      @Nullable SectionTable sections) {
    this.map = map;
    this.at = at;
    this.count = records == null || sections == null ? 0 : count;
    this.records = records;
    this.sections = sections;
  }

  /** The number of symbols. */
  public int count() {
    return count;
  }

  /** Where the record of a symbol lies; −1 when the table leads to none. */
  public long record(int index) {
    if (map == null || records == null) {
      return -1;
    }
    long p = map.u32(at + 4L * index);
    if (!records.has(p, RECORD)) {
      return -1;
    }
    int kind = records.u16(p + 2);
    return kind == CodeView.S_PUB32 || kind == CodeView.S_PUB32_ST ? p : -1;
  }

  /** The RVA of a symbol; −1 when it has none, as absolute symbols. */
  public long rva(int index) {
    long p = record(index);
    return p < 0 || records == null || sections == null
        ? -1
        : sections.rva(records.u16(p + 12), records.u32(p + 8));
  }

  /** A key that grows with the address; entries without a record count as the one before them. */
  private long key(int index) {
    for (int i = index; i >= 0 && records != null; i--) {
      long p = record(i);
      if (p >= 0) {
        return (long) records.u16(p + 12) << 32 | records.u32(p + 8);
      }
    }
    return -1;
  }

  /** The number of entries at or below a place. */
  private int placeAbove(int segment, long offset) {
    int low = 0;
    int high = count - 1;
    long wanted = (long) segment << 32 | offset;
    int step = 1;
    while (low <= high) {
      int mid = (low + high) >>> 1;
      boolean right = (step < first.length ? firstKey(step, mid) : key(mid)) <= wanted;
      step = Math.min(2 * step, first.length) + (right ? 1 : 0);
      if (right) {
        low = mid + 1;
      } else {
        high = mid - 1;
      }
    }
    return low;
  }

  /** A key that many searches meet, because all begin alike; read once. */
  private long firstKey(int step, int index) {
    if (first[step] == 0) {
      first[step] = key(index) + 2;
    }
    return first[step] - 2;
  }

  /** The first of the symbols at the highest address at or below a place; −1 when there is none. */
  public int floor(int segment, long offset) {
    int high = placeAbove(segment, offset) - 1;
    while (high >= 0 && rva(high) < 0) {
      high--;
    }
    if (high < 0) {
      return -1;
    }
    long address = rva(high);
    int first = high;
    for (int i = high - 1; i >= 0; i--) {
      long before = rva(i);
      if (before == address) {
        first = i;
      } else if (before >= 0) {
        break;
      }
    }
    return first;
  }

  /** The lowest RVA of a symbol above a place; −1 when there is none. */
  public long above(int segment, long offset) {
    int low = placeAbove(segment, offset);
    while (low < count && rva(low) < 0) {
      low++;
    }
    return low < count ? rva(low) : -1;
  }
}
