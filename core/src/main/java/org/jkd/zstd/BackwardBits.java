// SPDX-License-Identifier: Apache-2.0
package org.jkd.zstd;

import org.jkd.image.FormatException;

/** Bits that were written forwards and are read from the last one back. */
final class BackwardBits {
  private final byte[] data;
  private final int start;

  /** Bits that are left; negative when more were read than there were, which read as 0. */
  private int left;

  /**
   * @param end behind the last byte, whose highest bit that is set only marks the end
   */
  BackwardBits(byte[] data, int start, int end) {
    if (end <= start || data[end - 1] == 0) {
      throw new FormatException("Zstandard block", end, "a stream of bits without an end");
    }
    this.data = data;
    this.start = start;
    this.left = (end - start) * 8 - Integer.numberOfLeadingZeros(data[end - 1] & 0xff) + 24 - 1;
  }

  int left() {
    return left;
  }

  /** The next bits without passing them, at most 24. */
  int peek(int count) {
    int value = 0;
    int from = left - count;
    int shift = 0;
    if (from < 0) {
      shift = -from;
      from = 0;
    }
    int bits = Math.max(0, left) - from;
    if (bits > 0) {
      int at = start + (from >>> 3);
      int last = start + (left - 1 >>> 3);
      for (int i = last; i >= at; i--) {
        value = value << 8 | data[i] & 0xff;
      }
      value = value >>> (from & 7) & (1 << bits) - 1;
    }
    return value << shift;
  }

  void skip(int count) {
    left -= count;
  }

  /** The next bits, at most 24; those behind the end are 0. */
  int read(int count) {
    int value = peek(count);
    left -= count;
    return value;
  }
}
