// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jkd.image.Cancellation;
import org.jkd.image.Memory;

/**
 * Finds a pattern in a range of memory, piece by piece. What cannot be read holds no hit, and large
 * holes are stepped over at once, so that a whole address space can be searched.
 */
final class MemorySearch implements Iterator<MemorySearch.Hit> {
  private static final int CHUNK = 0x10000;

  /**
   * A place where the pattern is.
   *
   * @param length its bytes there
   */
  record Hit(long address, int length) {}

  /** What is looked for. */
  sealed interface Pattern {}

  /** These bytes, at every {@code step}-th address from the range's start on. */
  record Exact(byte[] bytes, int step) implements Pattern {}

  /** At least so many printable characters of so many bytes each. */
  record Texts(int unit, int least) implements Pattern {}

  private final Memory memory;
  private final long start;
  private final long end;
  private final Pattern pattern;
  private final byte[] buffer;

  private long base;
  private int held;
  private int at;
  private Hit next;
  private boolean done;

  /**
   * @param length bytes of the range; a range that reaches the end of the address space ends there
   */
  MemorySearch(Memory memory, long start, long length, Pattern pattern) {
    this.memory = memory;
    this.start = start;
    long last = start + length;
    boolean all = length >= Long.MAX_VALUE - 8;
    this.end = all || Long.compareUnsigned(last, start) < 0 ? -1 : last;
    this.pattern = pattern;
    int room = pattern instanceof Exact exact ? exact.bytes.length : 0;
    this.buffer = new byte[Math.max(CHUNK, room * 2)];
    this.base = start;
    this.next = new Hit(0, 0);
    read(start);
    advance();
  }

  @Override
  public boolean hasNext() {
    return !done;
  }

  @Override
  public Hit next() {
    if (done) {
      throw new NoSuchElementException();
    }
    Hit hit = next;
    advance();
    return hit;
  }

  private void advance() {
    while (!done) {
      Cancellation.check();
      if (held > 0 && find()) {
        return;
      }
      further();
    }
  }

  /** Reads on behind what was looked at. */
  private void further() {
    boolean full = held == wanted(base) && held == buffer.length;
    if (full && at > 0) {
      read(base + at); // what could be the beginning of a hit is read again
    } else if (held > 0) {
      read(base + held);
    } else {
      long after = memory.after(base);
      if (after == 0) {
        done = true;
      } else {
        read(after);
      }
    }
  }

  private int wanted(long from) {
    long left = end - from;
    return Long.compareUnsigned(left, buffer.length) > 0 ? buffer.length : (int) left;
  }

  private void read(long from) {
    if (Long.compareUnsigned(from, end) >= 0 || Long.compareUnsigned(from, start) < 0) {
      done = true;
      return;
    }
    base = from;
    at = 0;
    held = memory.read(from, buffer, 0, wanted(from));
  }

  private boolean find() {
    return switch (pattern) {
      case Exact exact -> find(exact);
      case Texts texts -> find(texts);
    };
  }

  private boolean find(Exact exact) {
    byte[] bytes = exact.bytes;
    at += (int) ((exact.step - Long.remainderUnsigned(base + at - start, exact.step)) % exact.step);
    while (at + bytes.length <= held) {
      int i = 0;
      while (i < bytes.length && buffer[at + i] == bytes[i]) {
        i++;
      }
      at += exact.step;
      if (i == bytes.length) {
        next = new Hit(base + at - exact.step, bytes.length);
        return true;
      }
    }
    return false;
  }

  private boolean find(Texts texts) {
    int unit = texts.unit;
    at += (int) Long.remainderUnsigned(base + at - start, unit);
    while (at + unit <= held) {
      int from = at;
      while (at + unit <= held && prints(unit)) {
        at += unit;
      }
      boolean cut = at + unit > held && held == buffer.length && from > 0;
      if (cut) {
        at = from; // it goes on behind the buffer: read again from its beginning
        return false;
      }
      int length = at - from;
      at += unit;
      if (length >= texts.least * unit) {
        next = new Hit(base + from, length);
        return true;
      }
    }
    return false;
  }

  private boolean prints(int unit) {
    int c = buffer[at] & 0xff;
    return c >= 0x20 && c < 0x7f && (unit == 1 || buffer[at + 1] == 0);
  }
}
