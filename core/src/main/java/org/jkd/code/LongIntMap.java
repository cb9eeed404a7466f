// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Arrays;

/** A map from addresses to small numbers that boxes nothing. Numbers are not negative. */
final class LongIntMap {
  static final int ABSENT = -1;

  private long[] keys;
  private int[] values;
  private int size;

  LongIntMap(int expected) {
    int capacity = Integer.highestOneBit(Math.max(8, expected * 2 - 1)) * 2;
    keys = new long[capacity];
    values = new int[capacity];
    Arrays.fill(values, ABSENT);
  }

  int get(long key) {
    int i = find(key);
    return values[i];
  }

  boolean has(long key) {
    return get(key) != ABSENT;
  }

  int size() {
    return size;
  }

  void put(long key, int value) {
    int i = find(key);
    if (values[i] == ABSENT) {
      keys[i] = key;
      size++;
    }
    values[i] = value;
    if (size * 3 > keys.length * 2) {
      grow();
    }
  }

  private int find(long key) {
    int mask = keys.length - 1;
    long h = key * 0x9e37_79b9_7f4a_7c15L;
    int i = (int) (h >>> 32) & mask;
    while (values[i] != ABSENT && keys[i] != key) {
      i = i + 1 & mask;
    }
    return i;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new int[keys.length];
    Arrays.fill(values, ABSENT);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != ABSENT) {
        int at = find(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }
}
