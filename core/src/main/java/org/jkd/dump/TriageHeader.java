// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.stream.LongStream;
import org.jkd.image.Bytes;

/**
 * The second header of a small dump. Offsets are bytes from the start of the file, 0 when the part
 * is missing; none of them has been checked.
 *
 * @param valid true when the mark {@code TRGD} stands where it should: the file is whole
 * @param topOfStack the address of the first byte of the call stack's copy
 */
public record TriageHeader(
    long servicePackBuild,
    long sizeOfDump,
    boolean valid,
    long contextOffset,
    long exceptionOffset,
    long mmOffset,
    long unloadedDriversOffset,
    long prcbOffset,
    long processOffset,
    long threadOffset,
    long callStackOffset,
    long callStackSize,
    long driverListOffset,
    long driverCount,
    long stringPoolOffset,
    long stringPoolSize,
    long brokenDriverOffset,
    long triageOptions,
    long topOfStack,
    long dataPageAddress,
    long dataPageOffset,
    long dataPageSize,
    long debuggerDataOffset,
    long debuggerDataSize,
    long dataBlocksOffset,
    long dataBlocksCount) {

  /** Bytes of the header. */
  static int size(DumpFormat format) {
    return format == DumpFormat.PAGEDUMP ? 0x68 : 0x80;
  }

  /** The bytes {@code TRGD} as a number. */
  private static final long VALID = 0x4447_5254L;

  /** Reads the header behind the main one; dump-formats.md, 1.6. */
  static TriageHeader read(Bytes file, DumpFormat format) {
    Bytes b = file.slice(format.headerSize(), size(format));
    boolean wide = format == DumpFormat.PAGEDU64;
    long validOffset = b.u32(8);
    int data = wide ? 0x70 : 0x58;
    return new TriageHeader(
        b.u32(0),
        b.u32(4),
        file.has(validOffset, 4) && file.u32(validOffset) == VALID,
        b.u32(0xc),
        b.u32(0x10),
        b.u32(0x14),
        b.u32(0x18),
        b.u32(0x1c),
        b.u32(0x20),
        b.u32(0x24),
        b.u32(0x28),
        b.u32(0x2c),
        b.u32(0x30),
        b.u32(0x34),
        b.u32(0x38),
        b.u32(0x3c),
        b.u32(0x40),
        b.u32(0x44),
        wide ? b.u64(0x48) : b.u32(0x48),
        wide ? b.u64(0x60) : b.u32(0x4c),
        wide ? b.u32(0x68) : b.u32(0x50),
        wide ? b.u32(0x6c) : b.u32(0x54),
        b.u32(data),
        b.u32(data + 4),
        b.u32(data + 8),
        b.u32(data + 0xc));
  }

  /** The offset of the part that follows, or the end of the triage data. */
  long partAfter(long offset) {
    return LongStream.of(
            mmOffset,
            unloadedDriversOffset,
            prcbOffset,
            processOffset,
            threadOffset,
            callStackOffset,
            driverListOffset,
            stringPoolOffset,
            brokenDriverOffset,
            dataPageOffset,
            debuggerDataOffset,
            dataBlocksOffset,
            Math.max(sizeOfDump, offset + 1))
        .filter(o -> o > offset)
        .min()
        .orElse(offset);
  }
}
