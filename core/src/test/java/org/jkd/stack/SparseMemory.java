// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.HashMap;
import java.util.Map;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;

/** Memory for tests, of which exactly the words that were put into it can be read. */
final class SparseMemory implements Memory {
  private final Map<Long, Byte> bytes = new HashMap<>();

  SparseMemory put32(long address, long value) {
    return put(address, value, 4);
  }

  SparseMemory put64(long address, long value) {
    return put(address, value, 8);
  }

  SparseMemory put(long address, byte[] values) {
    for (int i = 0; i < values.length; i++) {
      bytes.put(address + i, values[i]);
    }
    return this;
  }

  private SparseMemory put(long address, long value, int size) {
    for (int i = 0; i < size; i++) {
      bytes.put(address + i, (byte) (value >>> 8 * i));
    }
    return this;
  }

  @Override
  public int read(long address, byte[] target, int at, int length) {
    for (int i = 0; i < length; i++) {
      Byte value = bytes.get(address + i);
      if (value == null) {
        return i;
      }
      target[at + i] = value;
    }
    return length;
  }

  @Override
  public Unreadable whyUnreadable(long address) {
    return bytes.containsKey(address) ? new Unreadable.IsReadable() : new Unreadable.NoBlock();
  }
}
