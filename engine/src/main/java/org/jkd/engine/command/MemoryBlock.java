// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Arrays;
import org.jkd.image.Memory;

/** Bytes of a range of which any may be missing. */
final class MemoryBlock {
  private final long start;
  private final byte[] bytes;
  private final boolean[] known;

  private MemoryBlock(long start, int length) {
    this.start = start;
    this.bytes = new byte[length];
    this.known = new boolean[length];
  }

  /** Reads a range; after a missing byte, reading goes on where the memory may be there again. */
  static MemoryBlock read(Memory memory, long start, int length) {
    MemoryBlock block = new MemoryBlock(start, length);
    int at = 0;
    while (at < length) {
      int got = memory.read(start + at, block.bytes, at, length - at);
      Arrays.fill(block.known, at, at + got, true);
      at += got;
      if (at < length) {
        long next = memory.after(start + at);
        boolean beyond = next == 0 || Long.compareUnsigned(next - start, length) > 0;
        at = beyond ? length : (int) (next - start);
      }
    }
    return block;
  }

  int length() {
    return bytes.length;
  }

  long address(int at) {
    return start + at;
  }

  boolean has(int at, int size) {
    if (at + size > bytes.length) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (!known[at + i]) {
        return false;
      }
    }
    return true;
  }

  /** A little-endian number of 1 to 8 bytes. */
  long number(int at, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }

  /** As kd shows a byte as a character: {@code .} if it does not print, {@code ?} if missing. */
  char character(int at) {
    if (!known[at]) {
      return '?';
    }
    int c = bytes[at] & 0xff;
    return c >= 0x20 && c < 0x7f ? (char) c : '.';
  }
}
