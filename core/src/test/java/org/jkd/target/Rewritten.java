// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the pages of a 64-bit bitmap dump again as another sort of dump. Nobody publishes dumps of
 * these sorts, so their readers are tried on files that follow the public descriptions.
 */
final class Rewritten {
  private static final int HEADER = 0x2000;
  private static final int TYPE = 0xf98;

  private final byte[] original;
  private final List<Long> frames = new ArrayList<>();
  private final int firstPage;

  /**
   * @param original a dump of type 6
   */
  Rewritten(byte[] original) {
    this.original = original.clone();
    ByteBuffer b = ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN);
    firstPage = (int) b.getLong(HEADER + 0x20);
    long bits = b.getLong(HEADER + 0x30);
    for (int i = 0; i < bits; i++) {
      if ((original[HEADER + 0x38 + i / 8] >>> i % 8 & 1) != 0) {
        frames.add((long) i);
      }
    }
  }

  /** The header alone. */
  byte[] headerOnly() {
    return header(3, HEADER).array();
  }

  /** A bitmap dump of the sort that holds all memory. */
  byte[] fullBitmap() {
    byte[] copy = original.clone();
    ByteBuffer b = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(TYPE, 5);
    b.put(HEADER, "FDMPDUMP".getBytes(StandardCharsets.US_ASCII));
    return copy;
  }

  /**
   * A range dump.
   *
   * @param type 8, 9 or 10
   */
  byte[] ranges(int type) {
    List<long[]> ranges = new ArrayList<>();
    for (long frame : frames) {
      long[] last = ranges.isEmpty() ? new long[] {-1, 0} : ranges.getLast();
      if (last[0] + last[1] == frame) {
        last[1]++;
      } else {
        ranges.add(new long[] {frame, 1});
      }
    }
    int list = HEADER + 0x30;
    int pages = (list + (ranges.size() + 1) * 16 + 0xfff) & ~0xfff;
    ByteBuffer b = header(type, pages + frames.size() * 0x1000);
    b.putInt(HEADER, 0x40);
    b.put(HEADER + 4, "RDMPDUMP".getBytes(StandardCharsets.US_ASCII));
    b.putLong(HEADER + 0x10, pages - 0x2040 + 0x20);
    b.putLong(HEADER + 0x18, pages);
    if (type == 10) {
      b.putInt(HEADER + 0x20, ranges.size());
      b.putLong(HEADER + 0x28, frames.size());
    }
    for (int i = 0; i < ranges.size(); i++) {
      b.putLong(list + i * 16, ranges.get(i)[0]);
      b.putLong(list + i * 16 + 8, ranges.get(i)[1]);
    }
    b.put(pages, original, firstPage, frames.size() * 0x1000);
    return b.array();
  }

  private ByteBuffer header(int type, int size) {
    ByteBuffer b = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    b.put(0, original, 0, HEADER);
    b.putInt(TYPE, type);
    return b;
  }
}
