// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import org.jspecify.annotations.Nullable;

/** A map from addresses and words to what was found out about them; boxes nothing, only grows. */
public final class AddressMap<V> {
  private static final int FIRST = 64;

  private long[] keys = new long[FIRST];
  private @Nullable Object[] values = new @Nullable Object[FIRST];
  private int size;

  /** What is known; null when nothing is. */
  @SuppressWarnings("unchecked")
  public @Nullable V get(long key) {
    return (V) values[find(key)];
  }

  /** Adds or replaces what is known, and returns it. */
  public V put(long key, V value) {
    int i = find(key);
    if (values[i] == null) {
      size++;
    }
    keys[i] = key;
    values[i] = value;
    if (size * 3 > keys.length * 2) {
      grow();
    }
    return value;
  }

  private int find(long key) {
    int mask = keys.length - 1;
    // Fibonacci hashing: addresses differ in their middle bits.
    int i = (int) (key * 0x9e37_79b9_7f4a_7c15L >>> 32) & mask;
    while (values[i] != null && keys[i] != key) {
      i = i + 1 & mask;
    }
    return i;
  }

  private void grow() {
    long[] oldKeys = keys;
    @Nullable Object[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new @Nullable Object[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != null) {
        int at = find(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }
}
