// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The hash functions and hash tables of a PDB. */
final class PdbHash {
  private static final int BUCKETS = 4096;

  private PdbHash() {}

  /** A symbol record and where it lies in the stream of symbol records. */
  record Entry(String name, int offset) {}

  /** The hash of a name, unsigned. */
  static long name(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int hash = 0;
    int i = 0;
    for (; i + 4 <= bytes.length; i += 4) {
      hash ^=
          (bytes[i] & 0xff)
              | (bytes[i + 1] & 0xff) << 8
              | (bytes[i + 2] & 0xff) << 16
              | bytes[i + 3] << 24;
    }
    if (i + 2 <= bytes.length) {
      hash ^= (bytes[i] & 0xff) | (bytes[i + 1] & 0xff) << 8;
      i += 2;
    }
    if (i < bytes.length) {
      hash ^= bytes[i] & 0xff;
    }
    hash |= 0x2020_2020;
    hash ^= hash >>> 11;
    hash ^= hash >>> 16;
    return hash & 0xffff_ffffL;
  }

  /** The hash of a whole type record: CRC-32 without its inversions, unsigned. */
  static long record(byte[] bytes) {
    int crc = 0;
    for (byte one : bytes) {
      crc ^= one & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ ((crc & 1) == 0 ? 0 : 0xedb8_8320);
      }
    }
    return crc & 0xffff_ffffL;
  }

  /** The table that globals and publics have in common. */
  static Blob symbols(List<Entry> entries) {
    List<List<Entry>> buckets = new ArrayList<>();
    for (int i = 0; i < BUCKETS; i++) {
      buckets.add(new ArrayList<>());
    }
    entries.forEach(entry -> buckets.get((int) (name(entry.name()) % BUCKETS)).add(entry));
    Blob records = new Blob();
    Blob starts = new Blob();
    byte[] present = new byte[516];
    for (int i = 0; i < BUCKETS; i++) {
      List<Entry> bucket = buckets.get(i);
      if (bucket.isEmpty()) {
        continue;
      }
      bucket.sort(
          Comparator.comparingInt((Entry entry) -> entry.name().length())
              .thenComparing(entry -> entry.name().toLowerCase(Locale.ROOT)));
      present[i / 8] |= (byte) (1 << i % 8);
      starts.add32(12L * (records.size() / 8));
      bucket.forEach(entry -> records.add32(entry.offset() + 1).add32(1));
    }
    Blob table = new Blob();
    table.add32(-1).add32(0xeffe0000L + 19990810).add32(records.size());
    if (entries.isEmpty()) {
      return table.add32(0);
    }
    return table.add32(present.length + starts.size()).add(records).add(present).add(starts);
  }

  /** A table of strings with its hash, and where each string went. */
  static Blob strings(List<String> strings, List<Integer> offsets) {
    Blob text = new Blob();
    text.add8(0);
    int buckets = strings.size() * 2 + 1;
    int[] table = new int[buckets];
    for (String string : strings) {
      int at = text.size();
      offsets.add(at);
      text.addZ(string);
      int bucket = (int) (name(string) % buckets);
      while (table[bucket] != 0) {
        bucket = (bucket + 1) % buckets;
      }
      table[bucket] = at;
    }
    Blob blob = new Blob();
    blob.add32(0xeffeeffeL).add32(1).add32(text.size()).add(text).add32(buckets);
    for (int at : table) {
      blob.add32(at);
    }
    return blob.add32(strings.size());
  }
}
