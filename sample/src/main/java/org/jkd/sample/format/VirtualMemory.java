// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.nio.charset.StandardCharsets;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Pages of an address space under construction. Storing to a page makes it resident. */
public final class VirtualMemory {
  /** Bytes in a page. */
  public static final int PAGE = 0x1000;

  private final TreeMap<Long, byte[]> pages = new TreeMap<>();

  /** The resident pages by address, ascending in signed order. */
  public NavigableMap<Long, byte[]> pages() {
    return pages;
  }

  /** Makes every page that the range touches resident; new ones hold zeros. */
  public void commit(long address, long length) {
    for (long page = address & -PAGE; page < address + length; page += PAGE) {
      pages.computeIfAbsent(page, key -> new byte[PAGE]);
    }
  }

  /** Takes the pages of a range away again, as trimming or discarding does. */
  public void discard(long address, long length) {
    pages.subMap(address & -PAGE, true, address + length - 1, true).clear();
  }

  /** Stores one byte. */
  public void u8(long address, long value) {
    byte[] page = pages.computeIfAbsent(address & -PAGE, key -> new byte[PAGE]);
    page[(int) (address & (PAGE - 1))] = (byte) value;
  }

  /** Stores 16 bits. */
  public void u16(long address, long value) {
    u8(address, value);
    u8(address + 1, value >> 8);
  }

  /** Stores 32 bits. */
  public void u32(long address, long value) {
    u16(address, value);
    u16(address + 2, value >> 16);
  }

  /** Stores 64 bits. */
  public void u64(long address, long value) {
    u32(address, value);
    u32(address + 4, value >>> 32);
  }

  /** Stores bytes. */
  public void raw(long address, byte[] bytes) {
    for (int done = 0; done < bytes.length; ) {
      long at = address + done;
      byte[] page = pages.computeIfAbsent(at & -PAGE, key -> new byte[PAGE]);
      int offset = (int) (at & (PAGE - 1));
      int length = Math.min(PAGE - offset, bytes.length - done);
      System.arraycopy(bytes, done, page, offset, length);
      done += length;
    }
  }

  /** Stores characters, one byte each, and a NUL. */
  public void asciiZ(long address, String text) {
    raw(address, (text + "\0").getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Reads 32 bits; zero where no page is resident. */
  public long u32(long address) {
    long value = 0;
    for (int i = 3; i >= 0; i--) {
      value = value << 8 | u8(address + i);
    }
    return value;
  }

  /** Copies bytes out; zero where no page is resident. */
  public byte[] bytes(long address, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) u8(address + i);
    }
    return bytes;
  }

  private int u8(long address) {
    byte[] page = pages.get(address & -PAGE);
    return page == null ? 0 : page[(int) (address & (PAGE - 1))] & 0xff;
  }
}
