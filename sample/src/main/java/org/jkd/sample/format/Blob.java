// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes being written: little-endian, growing as they are stored to, zero where nothing was stored.
 * Offsets are in bytes.
 */
public final class Blob {
  private byte[] data = new byte[256];
  private int size;

  /** The number of bytes up to the end of the last store. */
  public int size() {
    return size;
  }

  /** A copy of the bytes. */
  public byte[] bytes() {
    return Arrays.copyOf(data, size);
  }

  /** Stores one byte. */
  public Blob u8(int at, long value) {
    room(at, 1);
    data[at] = (byte) value;
    return this;
  }

  /** Stores 16 bits. */
  public Blob u16(int at, long value) {
    return u8(at, value).u8(at + 1, value >> 8);
  }

  /** Stores 32 bits. */
  public Blob u32(int at, long value) {
    return u16(at, value).u16(at + 2, value >> 16);
  }

  /** Stores 64 bits. */
  public Blob u64(int at, long value) {
    return u32(at, value).u32(at + 4, value >>> 32);
  }

  /** Stores bytes. */
  public Blob raw(int at, byte[] bytes) {
    room(at, bytes.length);
    System.arraycopy(bytes, 0, data, at, bytes.length);
    return this;
  }

  /** Stores characters, one byte each, without a terminator. */
  public Blob ascii(int at, String text) {
    return raw(at, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Appends one byte. */
  public Blob add8(long value) {
    return u8(size, value);
  }

  /** Appends 16 bits. */
  public Blob add16(long value) {
    return u16(size, value);
  }

  /** Appends 32 bits. */
  public Blob add32(long value) {
    return u32(size, value);
  }

  /** Appends 64 bits. */
  public Blob add64(long value) {
    return u64(size, value);
  }

  /** Appends bytes. */
  public Blob add(byte[] bytes) {
    return raw(size, bytes);
  }

  /** Appends another blob. */
  public Blob add(Blob other) {
    return add(other.bytes());
  }

  /** Appends characters and a NUL. */
  public Blob addZ(String text) {
    return ascii(size, text).add8(0);
  }

  /** Appends UTF-16 characters and a NUL. */
  public Blob addWideZ(String text) {
    return add(text.getBytes(StandardCharsets.UTF_16LE)).add16(0);
  }

  /** Appends zeros until the size is a multiple of {@code unit}. */
  public Blob align(int unit) {
    return grow((size + unit - 1) / unit * unit);
  }

  /** Appends zeros until the size is at least {@code newSize}. */
  public Blob grow(int newSize) {
    if (newSize > size) {
      room(newSize - 1, 1);
    }
    return this;
  }

  /** Stores {@code value} in every byte of a range. */
  public Blob fill(int at, int length, int value) {
    if (length > 0) {
      room(at, length);
      Arrays.fill(data, at, at + length, (byte) value);
    }
    return this;
  }

  private void room(int at, int length) {
    int end = Math.addExact(at, length);
    if (end > data.length) {
      data = Arrays.copyOf(data, Math.max(end, data.length * 2));
    }
    size = Math.max(size, end);
  }
}
