// SPDX-License-Identifier: Apache-2.0
package org.jkd.cabinet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jkd.image.FormatException;

/** LZX's bits: 16-bit little-endian words, the highest bit of each first. */
final class BitWords {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] data;
  private final int length;
  private int base;
  private long bit;

  BitWords(byte[] data, int length) {
    this.data = data;
    this.length = length;
  }

  private int word(int at) {
    int low = at < length ? data[at] & 0xff : 0;
    int high = at + 1 < length ? data[at + 1] & 0xff : 0;
    return high << 8 | low;
  }

  /** The next bits without taking them, 1 to 16; zeros behind the end. */
  int peek(int bits) {
    int at = base + (int) (bit >>> 4) * 2;
    int two =
        at + 4 <= length
            ? Integer.rotateLeft((int) INT.get(data, at), 16)
            : word(at) << 16 | word(at + 2);
    return two << (int) (bit & 15) >>> 32 - bits;
  }

  /** Passes over bits. */
  void skip(int bits) {
    bit += bits;
    if (bit > (length - base + 1L & ~1L) * 8) {
      throw new FormatException("LZX block", -1, "its data ends too early");
    }
  }

  /** Takes bits, 0 to 32. */
  int take(int bits) {
    if (bits > 16) {
      int high = take(16);
      return high << bits - 16 | take(bits - 16);
    }
    if (bits == 0) {
      return 0;
    }
    int value = peek(bits);
    skip(bits);
    return value;
  }

  /** Passes the 1 to 16 bits that stand before bytes, and gives the place of the first byte. */
  int alignedBytes() {
    skip(16 - (int) (bit & 15));
    return position();
  }

  /** Goes on at a byte, where the next word starts. */
  void at(int position) {
    base = position;
    bit = 0;
  }

  /** The place of the byte that is read next; only between bytes. */
  int position() {
    return base + (int) (bit / 8);
  }
}
