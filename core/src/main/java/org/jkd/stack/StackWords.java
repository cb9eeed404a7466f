// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import org.jkd.image.Memory;

/**
 * Words of a target's memory, read through one cached page: a walk touches the same page many
 * times. A word that cannot be read is told apart by {@link #readable}, so that walks of a hundred
 * thousand frames allocate nothing per word.
 */
final class StackWords {
  private static final int PAGE = 0x1000;

  private final Memory memory;
  private final byte[] page = new byte[PAGE];
  private long pageAddress = 1;
  private int from;
  private int to;

  StackWords(Memory memory) {
    this.memory = memory;
  }

  /** True when {@code size} bytes (at most 8) at an address can be read. */
  boolean readable(long address, int size) {
    long last = address + size - 1;
    if (Long.compareUnsigned(last, address) < 0) {
      return false;
    }
    return load(address) && (last >>> 12 == address >>> 12 || load(last));
  }

  /** An unsigned 32-bit word, 0 when unreadable. */
  long u32(long address) {
    return number(address, 4);
  }

  /** A 64-bit word, 0 when unreadable. */
  long u64(long address) {
    return number(address, 8);
  }

  /** An unsigned byte, −1 when unreadable. */
  int u8(long address) {
    return load(address) ? page[(int) (address & (PAGE - 1))] & 0xff : -1;
  }

  /** A number of 1 to 8 bytes, 0 when any byte of it is unreadable. */
  long number(long address, int size) {
    if (!readable(address, size)) {
      return 0;
    }
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | u8(address + i);
    }
    return value;
  }

  /** Makes the byte at an address available: {@code page[from..to)} holds what was read. */
  private boolean load(long address) {
    int offset = (int) (address & (PAGE - 1));
    long start = address - offset;
    if (start == pageAddress && offset >= from && offset < to) {
      return true;
    }
    int got = start == pageAddress ? 0 : memory.read(start, page, 0, PAGE);
    from = 0;
    if (offset >= got) { // the page begins with a gap, as the stacks of minidumps do
      from = offset;
      got = memory.read(address, page, offset, PAGE - offset);
    }
    pageAddress = start;
    to = from + got;
    return offset < to;
  }
}
