// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A hash map from addresses to values that boxes nothing. */
final class AddressMap<V> {
  private long[] keys = new long[64];
  private @Nullable Object[] values = new Object[64];
  private int size;

  /** The value, or null. */
  @SuppressWarnings("unchecked")
  @Nullable V get(long key) {
    return (V) values[find(key)];
  }

  /** Adds or replaces. */
  void put(long key, V value) {
    int at = find(key);
    if (values[at] == null && ++size * 2 > keys.length) {
      long[] oldKeys = keys;
      @Nullable Object[] oldValues = values;
      keys = Arrays.copyOf(keys, keys.length * 2);
      values = new Object[keys.length];
      for (int i = 0; i < oldKeys.length; i++) {
        if (oldValues[i] != null) {
          int place = find(oldKeys[i]);
          keys[place] = oldKeys[i];
          values[place] = oldValues[i];
        }
      }
      at = find(key);
    }
    keys[at] = key;
    values[at] = value;
  }

  private int find(long key) {
    int mask = keys.length - 1;
    int at = (int) (key * 0x9e3779b97f4a7c15L >>> 32) & mask;
    while (values[at] != null && keys[at] != key) {
      at = at + 1 & mask;
    }
    return at;
  }
}
