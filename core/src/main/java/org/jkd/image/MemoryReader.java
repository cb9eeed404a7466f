// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Little-endian numbers out of a {@link Memory} for a given pointer size. A number of which any
 * byte is missing is empty, never made up.
 */
public final class MemoryReader {
  private final Memory memory;
  private final int pointerSize;

  /**
   * @param pointerSize 4 or 8 bytes
   */
  public MemoryReader(Memory memory, int pointerSize) {
    this.memory = memory;
    this.pointerSize = pointerSize;
  }

  /** The memory that is read. */
  public Memory memory() {
    return memory;
  }

  /** 4 or 8 bytes. */
  public int pointerSize() {
    return pointerSize;
  }

  /** An unsigned byte. */
  public OptionalInt u8(long address) {
    byte[] b = new byte[1];
    return memory.read(address, b, 0, 1) == 1 ? OptionalInt.of(b[0] & 0xff) : OptionalInt.empty();
  }

  /** An unsigned 16-bit number. */
  public OptionalInt u16(long address) {
    OptionalLong value = number(address, 2);
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  /** An unsigned 32-bit number. */
  public OptionalLong u32(long address) {
    return number(address, 4);
  }

  /** A 64-bit number. */
  public OptionalLong u64(long address) {
    return number(address, 8);
  }

  /** A pointer of the target's size; zero-extended on 32-bit targets. */
  public OptionalLong pointer(long address) {
    return number(address, pointerSize);
  }

  /** Exactly {@code length} bytes, or empty if any is missing. */
  public Optional<byte[]> bytes(long address, int length) {
    byte[] b = new byte[length];
    return memory.read(address, b, 0, length) == length ? Optional.of(b) : Optional.empty();
  }

  /** A number of 1 to 8 bytes, zero-extended. */
  public OptionalLong number(long address, int size) {
    byte[] b = new byte[size];
    if (memory.read(address, b, 0, size) != size) {
      return OptionalLong.empty();
    }
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | (b[i] & 0xff);
    }
    return OptionalLong.of(value);
  }
}
