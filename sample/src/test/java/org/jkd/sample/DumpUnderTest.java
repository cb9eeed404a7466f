// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jkd.sample.format.PageTables;

/** A small reader of its own for the dumps of pages that this module writes. */
final class DumpUnderTest {
  private final ByteBuffer file;
  private final boolean wide;
  private final Map<Long, Integer> pages = new HashMap<>();
  private final PageTables.Mode mode;

  DumpUnderTest(Path path) throws IOException {
    this(path, PageTables.Mode.X86);
  }

  /** A dump whose paging mode its header does not tell. */
  DumpUnderTest(Path path, PageTables.Mode mode) throws IOException {
    file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    wide = file.getInt(4) == 0x34365544;
    this.mode = !wide && file.get(0x5c) == 1 ? PageTables.Mode.PAE : mode;
    int map = wide ? 0x2000 : 0x1000;
    switch (type()) {
      case 1 -> complete();
      case 2 -> bitmap(map + (wide ? 0x28 : 0x20), file.getInt(map + 0x10), file.getInt(map + 0xc));
      case 5, 6 -> bitmap(map + 0x38, file.getLong(map + 0x30), file.getLong(map + 0x20));
      default -> ranges(map);
    }
  }

  private void complete() {
    int offset = wide ? 0x2000 : 0x1000;
    for (int run = 0; run < header(wide ? 0x88 : 0x64); run++) {
      long first = wide ? file.getLong(0x98 + 16 * run) : header(0x6c + 8 * run);
      long count = wide ? file.getLong(0xa0 + 16 * run) : header(0x70 + 8 * run);
      for (long page = 0; page < count; page++) {
        pages.put(first + page, offset);
        offset += 0x1000;
      }
    }
  }

  private void bitmap(int at, long bits, long first) {
    int offset = (int) first;
    for (long bit = 0; bit < bits; bit++) {
      if ((file.get((int) (at + bit / 8)) >> bit % 8 & 1) != 0) {
        pages.put(bit, offset);
        offset += 0x1000;
      }
    }
  }

  private void ranges(int map) {
    int offset = (int) file.getLong(map + 0x18);
    for (int at = map + 0x30; offset < file.capacity(); at += 16) {
      for (long page = 0; page < file.getLong(at + 8); page++) {
        pages.put(file.getLong(at) + page, offset);
        offset += 0x1000;
      }
    }
  }

  /** The kind of dump. */
  int type() {
    return file.getInt(wide ? 0xf98 : 0xf88);
  }

  /** A dword of the dump's header. */
  long header(int offset) {
    return file.getInt(offset) & 0xffff_ffffL;
  }

  /** How many pages the dump holds. */
  int pageCount() {
    return pages.size();
  }

  int size() {
    return file.capacity();
  }

  /** A dword of virtual memory. */
  long u32(long address) {
    return physical(translate(address).orElseThrow(), 4);
  }

  int u16(long address) {
    return (int) u32(address) & 0xffff;
  }

  String ascii(long address, int length) {
    byte[] text = new byte[length];
    for (int i = 0; i < length; i++) {
      text[i] = (byte) u32(address + i);
    }
    return new String(text, StandardCharsets.ISO_8859_1).split("\0", 2)[0];
  }

  /** The text of a UNICODE_STRING. */
  String unicode(long address) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < u16(address); i += 2) {
      text.append((char) u16(u32(address + 4) + i));
    }
    return text.toString();
  }

  /** The physical address of a virtual one, by the page tables of the crashed context. */
  OptionalLong translate(long address) {
    int[] shifts =
        switch (mode) {
          case X86 -> new int[] {22, 12};
          case PAE -> new int[] {30, 21, 12};
          case X64 -> new int[] {39, 30, 21, 12};
          case X64_FIVE -> new int[] {48, 39, 30, 21, 12};
        };
    int bytes = mode == PageTables.Mode.X86 ? 4 : 8;
    int bits = mode == PageTables.Mode.X86 ? 10 : 9;
    long table = wide ? file.getLong(0x10) : header(0x10);
    for (int level = 0; level < shifts.length; level++) {
      long index = address >> shifts[level] & ((1 << bits) - 1);
      long entry = physical(table + index * bytes, bytes);
      if ((entry & 1) == 0) {
        return OptionalLong.empty();
      }
      long inside = (1L << shifts[level]) - 1;
      long frame = entry & 0x000f_ffff_ffff_f000L;
      if (level == shifts.length - 1 || (entry & 0x80) != 0) {
        return OptionalLong.of((frame & ~inside) | (address & inside));
      }
      table = frame;
    }
    throw new IllegalStateException();
  }

  private long physical(long address, int bytes) {
    Integer page = pages.get(address >> 12);
    if (page == null) {
      throw new IllegalStateException("not in the dump: " + Long.toHexString(address));
    }
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (file.get(page + (int) (address & 0xfff) + i) & 0xff);
    }
    return value;
  }
}
