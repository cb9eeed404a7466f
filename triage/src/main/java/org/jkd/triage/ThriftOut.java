// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Thrift's compact protocol, as far as Parquet's footer and page headers need it
 * (thrift-compact-protocol.md of Apache Thrift): fields in ascending order of their numbers,
 * integers as zigzag varints, strings, structures and lists.
 */
final class ThriftOut {
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  static final int STRUCT = 12;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Deque<Integer> outer = new ArrayDeque<>();
  private int last;

  /** An integer field of 32 bits. */
  ThriftOut i32(int field, int value) {
    header(field, I32);
    zigzag(value);
    return this;
  }

  /** An integer field of 64 bits. */
  ThriftOut i64(int field, long value) {
    header(field, I64);
    zigzag(value);
    return this;
  }

  /** A text field. */
  ThriftOut text(int field, String value) {
    header(field, BINARY);
    bytes(value);
    return this;
  }

  /** A field of 32-bit integers. */
  ThriftOut i32s(int field, int... values) {
    list(field, I32, values.length);
    for (int v : values) {
      zigzag(v);
    }
    return this;
  }

  /** A field of texts. */
  ThriftOut texts(int field, String... values) {
    list(field, BINARY, values.length);
    for (String v : values) {
      bytes(v);
    }
    return this;
  }

  /**
   * Begins a list of structures; each is then written between {@link #begin()} and {@link #end}.
   */
  ThriftOut structs(int field, int count) {
    list(field, STRUCT, count);
    return this;
  }

  /** Begins a field that is a structure. */
  ThriftOut begin(int field) {
    header(field, STRUCT);
    return begin();
  }

  /** Begins a structure that stands in a list. */
  ThriftOut begin() {
    outer.push(last);
    last = 0;
    return this;
  }

  /** Ends a structure. */
  ThriftOut end() {
    out.write(0);
    last = outer.pop();
    return this;
  }

  /** What was written, with the end of the outermost structure. */
  byte[] bytes() {
    out.write(0);
    return out.toByteArray();
  }

  private void list(int field, int type, int count) {
    header(field, LIST);
    if (count < 15) {
      out.write(count << 4 | type);
    } else {
      out.write(0xf0 | type);
      varint(count);
    }
  }

  private void header(int field, int type) {
    int delta = field - last;
    if (delta <= 0 || delta > 15) {
      throw new IllegalArgumentException("field " + field + " after " + last);
    }
    out.write(delta << 4 | type);
    last = field;
  }

  private void bytes(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    varint(utf8.length);
    out.write(utf8, 0, utf8.length);
  }

  private void zigzag(long value) {
    varint(value << 1 ^ value >> 63);
  }

  private void varint(long value) {
    varint(value, out);
  }

  static void varint(long value, ByteArrayOutputStream to) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      to.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    to.write((int) rest);
  }
}
