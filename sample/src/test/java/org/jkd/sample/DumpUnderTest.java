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

/** A small reader of its own for the dumps that this module writes: complete and bitmap, x86. */
final class DumpUnderTest {
  private final ByteBuffer file;
  private final Map<Long, Integer> pages = new HashMap<>();

  DumpUnderTest(Path path) throws IOException {
    file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    if (header(0xf88) == 1) {
      int offset = 0x1000;
      for (int run = 0; run < header(0x64); run++) {
        for (long page = 0; page < header(0x70 + 8 * run); page++) {
          pages.put(header(0x6c + 8 * run) + page, offset);
          offset += 0x1000;
        }
      }
    } else {
      long offset = file.getLong(0x1020);
      for (long bit = 0; bit < file.getLong(0x1030); bit++) {
        if ((file.get((int) (0x1038 + bit / 8)) >> bit % 8 & 1) != 0) {
          pages.put(bit, (int) offset);
          offset += 0x1000;
        }
      }
    }
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
    long entry;
    if (file.get(0x5c) == 1) {
      entry = physical((header(0x10) & ~0x1fL) + (address >> 30) * 8, 8);
      entry = valid(entry) ? physical(frame(entry) + (address >> 21 & 0x1ff) * 8, 8) : 0;
      if (valid(entry) && (entry & 0x80) != 0) {
        return OptionalLong.of((frame(entry) & -0x200000L) | (address & 0x1fffff));
      }
      entry = valid(entry) ? physical(frame(entry) + (address >> 12 & 0x1ff) * 8, 8) : 0;
    } else {
      entry = physical(header(0x10) + (address >> 22) * 4, 4);
      entry = valid(entry) ? physical(frame(entry) + (address >> 12 & 0x3ff) * 4, 4) : 0;
    }
    return valid(entry) ? OptionalLong.of(frame(entry) | (address & 0xfff)) : OptionalLong.empty();
  }

  private static boolean valid(long entry) {
    return (entry & 1) != 0;
  }

  private static long frame(long entry) {
    return entry & 0x000f_ffff_ffff_f000L;
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
