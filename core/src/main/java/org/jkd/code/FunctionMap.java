// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Arrays;

/**
 * Where the functions of a module start, with every source that says so. Never changes and holds on
 * to nothing else, so that it can be used for other dumps with the same code.
 */
final class FunctionMap {
  static final int PROCEDURE = 1;
  static final int PUBLIC = 2;
  static final int EXPORT = 4;
  static final int ENTRY = 8;
  static final int PDATA = 16;
  static final int FPO = 32;
  static final int FRAME_DATA = 64;

  /** The target of a direct call. */
  static final int CALL = 128;

  /** A pointer in data or in an instruction leads here, and it looks like a start. */
  static final int POINTER = 256;

  /** Code begins here after padding. */
  static final int PADDING = 512;

  /** Another function jumps here, past the starts of others: a tail call, or a part moved away. */
  static final int JUMP = 1024;

  /** Bytes that look like a call lead here; only a candidate. */
  static final int MAYBE_CALL = 2048;

  /** Sources that mean a function; the others may also be inner labels. */
  static final int STRONG = PROCEDURE | PUBLIC | EXPORT | ENTRY | PDATA | FPO | CALL;

  /** Sources that never name a label inside a function. */
  static final int CERTAIN = PROCEDURE | EXPORT | ENTRY | PDATA | CALL;

  private final long[] starts;
  private final int[] sources;
  private final int count;
  private final LongIntMap found;
  private final LongIntMap jumpers;
  private final long[] jumperStarts;
  private final long end;

  /**
   * @param starts ascending
   * @param sources of each start
   * @param jumpers from {@link #JUMP} starts to indices of jumperStarts
   * @param jumperStarts functions that jump there
   * @param end of the module
   */
  FunctionMap(long[] starts, int[] sources, LongIntMap jumpers, long[] jumperStarts, long end) {
    this.starts = starts;
    this.sources = sources;
    this.count = starts.length;
    this.jumpers = jumpers;
    this.jumperStarts = jumperStarts;
    this.end = end;
    this.found = new LongIntMap(count);
    for (int i = 0; i < count; i++) {
      found.put(starts[i], i);
    }
  }

  /** The start of a function that jumps to a {@link #JUMP} start; 0 when there is none. */
  long jumper(long target) {
    int at = jumpers.get(target);
    return at == LongIntMap.ABSENT ? 0 : jumperStarts[at];
  }

  int count() {
    return count;
  }

  long start(int index) {
    return starts[index];
  }

  int sources(int index) {
    return sources[index];
  }

  /** What says that a function starts at this address; 0 when nothing does. */
  int sourcesAt(long address) {
    int at = found.get(address);
    return at == LongIntMap.ABSENT ? 0 : sources[at];
  }

  /** The index of the last start at or below an address, -1 when there is none. */
  int floor(long address) {
    int i = Arrays.binarySearch(starts, 0, count, address);
    return i >= 0 ? i : -i - 2;
  }

  /** The next start above an address that is certainly a function, or the end of the module. */
  long nextCertain(long address) {
    int i = floor(address) + 1;
    while (i < count && (sources[i] & CERTAIN) == 0) {
      i++;
    }
    return i < count ? starts[i] : end;
  }
}
