// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import org.jspecify.annotations.Nullable;

/**
 * The hash table of global or public symbols: from a name to the places of the records that may
 * have it. Read in place; a name costs one bucket.
 *
 * <p>Layout: a header of 16 bytes; records of 8 bytes, which start with the place plus 1; a bit for
 * each bucket that is not empty; and for each of those where its records begin, in units of 12
 * bytes a record.
 */
final class SymbolHash {
  static final SymbolHash NONE = new SymbolHash();

  private static final int HEADER = 16;
  private static final int BUCKETS = 4096;

  /** What linkers that leave most debug information in the object files write. */
  private static final int MANY_BUCKETS = 0x3ffff;

  /** More records of one bucket than any real file has. */
  private static final int MAX_CHAIN = 1 << 16;

  private final @Nullable MsfStream stream;
  private final long recordsAt;
  private final long records;
  private final long bitsAt;
  private final long startsAt;
  private final long starts;
  private final int buckets;

  /** The number of set bits before each 32nd bucket. */
  private final int[] before;

  private SymbolHash() {
    stream = null;
    recordsAt = 0;
    records = 0;
    bitsAt = 0;
    startsAt = 0;
    starts = 0;
    buckets = 1;
    before = new int[0];
  }

  private SymbolHash(MsfStream s, long at, long size) {
    stream = s;
    recordsAt = at + HEADER;
    records = Math.min(s.u32(at + 8), size - HEADER) / 8;
    bitsAt = recordsAt + records * 8;
    long bucketBytes = Math.min(s.u32(at + 12), at + size - bitsAt);
    // A full table of the usual kind has less than this.
    buckets = bucketBytes >= MANY_BUCKETS / 8 ? MANY_BUCKETS : BUCKETS;
    before = new int[(buckets + 32) / 32];
    startsAt = bitsAt + 4L * before.length;
    starts = Math.max(0, bucketBytes - 4L * before.length) / 4;
    int set = 0;
    for (int i = 0; i < before.length; i++) {
      before[i] = set;
      set += Integer.bitCount(s.i32(bitsAt + 4L * i));
    }
  }

  /**
   * A table in a stream.
   *
   * @param at where it starts
   * @param size its bytes
   */
  static SymbolHash read(MsfStream s, long at, long size) {
    boolean usable =
        size >= HEADER && s.has(at, size) && s.i32(at) == -1 && s.u32(at + 8) + HEADER < size;
    return usable ? new SymbolHash(s, at, size) : NONE;
  }

  /** Takes the place of a record; false ends the search. */
  interface Visitor {
    boolean visit(long place);
  }

  /** Shows the places of all records that may have a name, until one is taken. */
  void find(String name, Visitor visitor) {
    MsfStream s = stream;
    if (s == null) {
      return;
    }
    int bucket = (int) (NameHash.of(name) % buckets);
    int word = s.i32(bitsAt + 4L * (bucket >>> 5));
    if ((word >>> bucket & 1) == 0) {
      return;
    }
    int lower = word & ((1 << (bucket & 31)) - 1);
    int slot = before[bucket >>> 5] + Integer.bitCount(lower);
    if (slot >= starts) {
      return;
    }
    long first = s.u32(startsAt + 4L * slot) / 12;
    long end = slot + 1 < starts ? s.u32(startsAt + 4L * (slot + 1)) / 12 : records;
    end = Math.min(Math.min(end, records), first + MAX_CHAIN);
    for (long i = first; i < end; i++) {
      if (!visitor.visit(s.u32(recordsAt + 8 * i) - 1)) {
        return;
      }
    }
  }
}
