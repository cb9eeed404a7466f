// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which compiland gave which bytes, as the linker laid them out; read in place. */
public final class SectionContributions {
  static final SectionContributions NONE = new SectionContributions(null, 0, 0, 1);

  private static final int CODE = 0x20;

  private final @Nullable MsfStream stream;
  private final long at;
  private final int count;
  private final int entry;
  private boolean checked;
  private boolean ascending;

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
    if (!checked) {
      ascending = isAscending();
      checked = true;
    }
    return ascending;
  }

  /** The last contribution that starts at or below a place; −1 when all are above. */
  public int floor(int inSegment, long at) {
    long wanted = (long) inSegment << 32 | at;
    int low = 0;
    int high = count() - 1;
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
  private boolean isAscending() {
    for (int i = 1; i < count(); i++) {
      int before = segment(i - 1);
      int here = segment(i);
      if (here < before || here == before && offset(i) < offset(i - 1)) {
        return false;
      }
    }
    return true;
  }

  private int search(int inSegment, long at) {
    for (int i = 0; i < count(); i++) {
      if (holds(i, inSegment, at)) {
        return i;
      }
    }
    return -1;
  }
}
