// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;

/**
 * An exception as the system recorded it.
 *
 * @param code the exception code, unsigned 32 bits
 * @param flags EXCEPTION_NONCONTINUABLE and others
 * @param record the address of a nested record, or 0
 * @param address the instruction
 * @param parameters its 0 to 15 parameters
 */
public record ExceptionRecord(
    long code, long flags, long record, long address, List<Long> parameters) {
  /** The most parameters that a record has room for. */
  public static final int MAX_PARAMETERS = 15;

  public ExceptionRecord {
    parameters = List.copyOf(parameters);
  }

  /** Bytes of a record for a pointer size of 4 or 8. */
  public static int size(int pointerSize) {
    return pointerSize == 4 ? 0x50 : 0x98;
  }

  /** The record in a target's memory; empty when any byte of it is missing. */
  public static Optional<ExceptionRecord> read(Memory memory, int pointerSize, long address) {
    return new MemoryReader(memory, pointerSize)
        .bytes(address, size(pointerSize))
        .map(b -> read(Bytes.of("exception record", b), pointerSize));
  }

  /** The record at the start of {@code b}: EXCEPTION_RECORD32 or EXCEPTION_RECORD64. */
  static ExceptionRecord read(Bytes b, int pointerSize) {
    int counter = 8 + 2 * pointerSize;
    long claimed = b.u32(counter);
    List<Long> parameters = new ArrayList<>();
    // A count that no record has room for is rubbish, and so is what would follow it.
    int count = claimed > MAX_PARAMETERS ? 0 : (int) claimed;
    for (int i = 0; i < count; i++) {
      parameters.add(pointer(b, counter + pointerSize * (i + 1), pointerSize));
    }
    return new ExceptionRecord(
        b.u32(0),
        b.u32(4),
        pointer(b, 8, pointerSize),
        pointer(b, 8 + pointerSize, pointerSize),
        parameters);
  }

  private static long pointer(Bytes b, int offset, int size) {
    return size == 4 ? b.u32(offset) : b.u64(offset);
  }
}
