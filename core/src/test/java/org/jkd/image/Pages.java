// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Physical memory made by hand: pages exist once something was written to them. */
final class Pages implements PhysicalMemory {
  private final Map<Long, byte[]> pages = new HashMap<>();

  Pages put(long address, long value, int size) {
    byte[] page = pages.computeIfAbsent(address >>> 12, p -> new byte[PAGE_SIZE]);
    for (int i = 0; i < size; i++) {
      page[(int) (address & 0xfff) + i] = (byte) (value >>> 8 * i);
    }
    return this;
  }

  Pages put4(long address, long value) {
    return put(address, value, 4);
  }

  Pages put8(long address, long value) {
    return put(address, value, 8);
  }

  @Override
  public int read(long address, byte[] target, int at, int length) {
    for (int i = 0; i < length; i++) {
      byte[] page = pages.get(address + i >>> 12);
      if (page == null) {
        return i;
      }
      target[at + i] = page[(int) (address + i & 0xfff)];
    }
    return length;
  }

  @Override
  public OptionalLong number(long address, int size) {
    byte[] bytes = new byte[size];
    if (read(address, bytes, 0, size) < size) {
      return OptionalLong.empty();
    }
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return OptionalLong.of(value);
  }

  @Override
  public Unreadable whyUnreadable(long address) {
    return pages.containsKey(address >>> 12)
        ? new Unreadable.IsReadable()
        : new Unreadable.NotCaptured(address);
  }
}
