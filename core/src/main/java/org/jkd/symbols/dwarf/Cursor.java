// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import org.jkd.image.Bytes;
import org.jkd.image.FormatException;

/** A place in a section that moves as it is read. */
final class Cursor {
  /** The longest string. C++ names of some 10,000 characters were seen. */
  static final int MAX_STRING = 1 << 16;

  private static final int MAX_LEB = 10;

  private final Bytes bytes;
  private long at;

  Cursor(Bytes bytes, long at) {
    this.bytes = bytes;
    this.at = at;
  }

  long at() {
    return at;
  }

  void go(long place) {
    at = place;
  }

  /** Passes over bytes, which must exist. */
  void skip(long count) {
    if (!bytes.has(at, count)) {
      throw broken(count + " bytes are not there");
    }
    at += count;
  }

  int u8() {
    int v = bytes.u8(at);
    at++;
    return v;
  }

  int i8() {
    return (byte) u8();
  }

  int u16() {
    int v = bytes.u16(at);
    at += 2;
    return v;
  }

  long u24() {
    long v = bytes.u16(at) | (long) bytes.u8(at + 2) << 16;
    at += 3;
    return v;
  }

  long u32() {
    long v = bytes.u32(at);
    at += 4;
    return v;
  }

  long u64() {
    long v = bytes.u64(at);
    at += 8;
    return v;
  }

  /** A number of 1, 2, 4 or 8 bytes. */
  long number(int size) {
    return switch (size) {
      case 1 -> u8();
      case 2 -> u16();
      case 3 -> u24();
      case 4 -> u32();
      case 8 -> u64();
      default -> throw broken("a number of " + size + " bytes");
    };
  }

  long uleb() {
    long value = 0;
    for (int i = 0; i < MAX_LEB; i++) {
      int b = u8();
      value |= (b & 0x7fL) << (7 * i);
      if ((b & 0x80) == 0) {
        return value;
      }
    }
    throw broken("a number of more than " + MAX_LEB + " bytes");
  }

  long sleb() {
    long value = 0;
    for (int i = 0; i < MAX_LEB; i++) {
      int b = u8();
      value |= (b & 0x7fL) << (7 * i);
      if ((b & 0x80) == 0) {
        int bits = 7 * (i + 1);
        return bits < 64 && (b & 0x40) != 0 ? value | -1L << bits : value;
      }
    }
    throw broken("a number of more than " + MAX_LEB + " bytes");
  }

  /** A number of 32 bits that must fit into an {@code int}. */
  int small() {
    long v = uleb();
    if (v < 0 || v > Integer.MAX_VALUE) {
      throw broken("the number " + Long.toUnsignedString(v));
    }
    return (int) v;
  }

  /** A string up to its NUL. */
  String string() {
    String s = bytes.utf8(at, (int) Math.min(MAX_STRING, bytes.size() - at));
    skipString();
    return s;
  }

  void skipString() {
    while (u8() != 0) {
      // Nothing but the end matters.
    }
  }

  FormatException broken(String what) {
    return new FormatException(bytes.name(), at, what);
  }
}
