// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.BitSet;
import org.jkd.image.Memory;

/**
 * The words of one stack, read once. Words that cannot be read are unknown, not zero.
 *
 * <p>The lowest address may lie below the limit that the system has for the stack: a stack pointer
 * that ran past the limit into memory that happened to be mapped leaves frames there.
 */
public final class Segment {
  /** No stack of Windows is larger than this by default settings that overflow analysis meets. */
  static final long MAX_BYTES = 64L << 20;

  private static final int CHUNK = 0x1000;

  private final String name;
  private final long low;
  private final long limit;
  private final long base;
  private final int width;
  private final long[] words;
  private final BitSet known;

  private Segment(
      String name, long low, long limit, long base, int width, long[] words, BitSet known) {
    this.name = name;
    this.low = low;
    this.limit = limit;
    this.base = base;
    this.width = width;
    this.words = words;
    this.known = known;
  }

  /**
   * Reads a stack.
   *
   * @param low the lowest address to look at, at most {@code limit}
   * @param base the address after the highest byte
   * @param width 4 or 8 bytes in a word
   */
  static Segment read(String name, Memory memory, long low, long limit, long base, int width) {
    long from = Long.compareUnsigned(base - low, MAX_BYTES) > 0 ? base - MAX_BYTES : low;
    int count = (int) ((base - from) / width);
    long[] words = new long[count];
    BitSet known = new BitSet(count);
    byte[] chunk = new byte[CHUNK];
    for (long at = from; at != base; ) {
      int wanted = (int) Math.min(CHUNK - (at & (CHUNK - 1)), base - at);
      int got = memory.read(at, chunk, 0, wanted);
      for (int i = 0; i + width <= got; i += width) {
        int index = (int) ((at + i - from) / width);
        words[index] = number(chunk, i, width);
        known.set(index);
      }
      at += got >= width && got < wanted ? got / width * width : got < width ? width : wanted;
      if (got == 0) { // skip to the next part of the page that may be there
        long page = (at | (CHUNK - 1)) + 1;
        at = firstReadable(memory, at, Long.compareUnsigned(page, base) < 0 ? page : base, width);
      }
    }
    return new Segment(name, from, limit, base, width, words, known);
  }

  private static long firstReadable(Memory memory, long from, long to, int width) {
    byte[] one = new byte[1];
    for (long at = from; at != to; at += width) {
      if (memory.read(at, one, 0, 1) == 1) {
        return at;
      }
      long next = memory.after(at);
      if (next == 0 || Long.compareUnsigned(next, to) >= 0) {
        return to;
      }
      at += (next - at - 1) / width * width;
    }
    return to;
  }

  private static long number(byte[] b, int at, int width) {
    long value = 0;
    for (int i = width - 1; i >= 0; i--) {
      value = value << 8 | b[at + i] & 0xff;
    }
    return value;
  }

  /** What kind of stack it is, for people. */
  String name() {
    return name;
  }

  /** The lowest address that is looked at. */
  long low() {
    return low;
  }

  /** The system's lowest address. */
  long limit() {
    return limit;
  }

  /** The address after the highest byte. */
  long base() {
    return base;
  }

  /** The number of words. */
  int count() {
    return words.length;
  }

  /** Bytes in a word. */
  int width() {
    return width;
  }

  /** True for an address inside. */
  boolean contains(long address) {
    return Long.compareUnsigned(address - low, base - low) < 0;
  }

  /** The number of the word at an address, -1 when it is outside or not aligned. */
  int index(long address) {
    long offset = address - low;
    return Long.compareUnsigned(offset, base - low) < 0 && offset % width == 0
        ? (int) (offset / width)
        : -1;
  }

  /** The address of a word. */
  long address(int index) {
    return low + (long) index * width;
  }

  /** True when the word at an address is known. */
  boolean knows(long address) {
    int i = index(address);
    return i >= 0 && known.get(i);
  }

  /** True when a word is known. */
  boolean knows(int index) {
    return index >= 0 && index < words.length && known.get(index);
  }

  /** A word; 0 when it is unknown. */
  long word(int index) {
    return words[index];
  }

  /** The word at an address; 0 when it is unknown. */
  long wordAt(long address) {
    int i = index(address);
    return i < 0 ? 0 : words[i];
  }

  /** The first known word at or above an address, -1 if there is none. */
  int firstKnown(int from) {
    return known.nextSetBit(from);
  }

  /** Number of words that are known. */
  int knownCount() {
    return known.cardinality();
  }
}
