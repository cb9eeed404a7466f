// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Arrays;
import java.util.Optional;

/**
 * The exception directory (.pdata) of an x64 image: which RVA belongs to which function, and where
 * its unwind information lies. Read through memory, so that a dump with the image's pages in it
 * needs no file.
 */
final class FunctionTable {
  /** An image with more functions than this is none. */
  private static final int MAX_ENTRIES = 4_000_000;

  private static final int ENTRY = 12;
  private static final int PE32_PLUS = 0x20b;
  private static final int EXCEPTION_DIRECTORY = 3;

  /** Entries as begin, end, unwind information; sorted by begin. */
  private final int[] entries;

  private FunctionTable(int[] entries) {
    this.entries = entries;
  }

  /** An entry: where a function, or a part of one, lies and where its unwind information is. */
  record Function(long begin, long end, long unwind) {}

  /**
   * Reads the table of a module.
   *
   * @return empty if the headers or any page of the table cannot be read
   */
  static Optional<FunctionTable> read(StackWords image, long base, long size) {
    long pe = base + image.u32(base + 0x3c);
    if (image.number(base, 2) != 0x5a4d || image.u32(pe) != 0x4550) {
      return Optional.empty();
    }
    long optional = pe + 24;
    if (image.number(optional, 2) != PE32_PLUS
        || image.u32(optional + 108) <= EXCEPTION_DIRECTORY) {
      return Optional.of(new FunctionTable(new int[0]));
    }
    long rva = image.u32(optional + 112 + 8L * EXCEPTION_DIRECTORY);
    long bytes = image.u32(optional + 116 + 8L * EXCEPTION_DIRECTORY);
    if (bytes == 0) {
      return Optional.of(new FunctionTable(new int[0]));
    }
    if (rva + bytes > size || bytes / ENTRY > MAX_ENTRIES) {
      return Optional.empty();
    }
    int count = (int) (bytes / ENTRY);
    int[] entries = new int[count * 3];
    int used = 0;
    boolean sorted = true;
    for (int i = 0; i < count; i++) {
      long at = base + rva + (long) i * ENTRY;
      if (!image.readable(at, 8) || !image.readable(at + 8, 4)) {
        return Optional.empty();
      }
      int begin = (int) image.u32(at);
      int end = (int) image.u32(at + 4);
      if (begin == 0 || Integer.compareUnsigned(begin, end) >= 0) {
        continue; // images of 2003 fill gaps with zeros
      }
      sorted &= used == 0 || Integer.compareUnsigned(entries[used - 3], begin) <= 0;
      entries[used] = begin;
      entries[used + 1] = end;
      entries[used + 2] = (int) image.u32(at + 8);
      used += 3;
    }
    entries = Arrays.copyOf(entries, used);
    return Optional.of(new FunctionTable(sorted ? entries : sort(entries)));
  }

  private static int[] sort(int[] entries) {
    long[] keys = new long[entries.length / 3];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = (entries[3 * i] & 0xffff_ffffL) << 32 | i;
    }
    Arrays.sort(keys);
    int[] sorted = new int[entries.length];
    for (int i = 0; i < keys.length; i++) {
      System.arraycopy(entries, 3 * (int) (keys[i] & 0xffff_ffffL), sorted, 3 * i, 3);
    }
    return sorted;
  }

  /** The number of entries. */
  int size() {
    return entries.length / 3;
  }

  /** The entry that covers an RVA. */
  Optional<Function> at(long rva) {
    int low = 0;
    int high = size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if ((entries[3 * middle] & 0xffff_ffffL) <= rva) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    if (high < 0 || rva >= (entries[3 * high + 1] & 0xffff_ffffL)) {
      return Optional.empty();
    }
    return Optional.of(entry(high));
  }

  /** An entry by its index, 0 to {@link #size} − 1. */
  Function entry(int index) {
    return new Function(
        entries[3 * index] & 0xffff_ffffL,
        entries[3 * index + 1] & 0xffff_ffffL,
        entries[3 * index + 2] & 0xffff_ffffL);
  }
}
