// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.OptionalLong;

/**
 * The physical pages that a dump holds, by physical address in bytes. What is held is usually a
 * small part of the machine's memory, with holes anywhere.
 */
public interface PhysicalMemory {
  /** Bytes in a page of every processor that is read here. */
  int PAGE_SIZE = 0x1000;

  /**
   * Copies the leading readable bytes of a range.
   *
   * @return how many bytes were copied, 0 to {@code length}; the first missing byte ends the copy
   */
  int read(long address, byte[] target, int at, int length);

  /**
   * A little-endian number of 4 or 8 bytes; empty when any byte of it is missing. Page table
   * entries are read this way: naturally aligned, so they never cross a page.
   */
  OptionalLong number(long address, int size);

  /** Why a byte cannot be read; {@link Unreadable.IsReadable} if it can. */
  Unreadable whyUnreadable(long address);
}
