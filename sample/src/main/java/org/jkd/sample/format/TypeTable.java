// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.List;

/** The type records of a PDB. */
public final class TypeTable {
  private static final int FIRST = 0x1000;
  private static final int BUCKETS = 0x3ffff;

  private final List<byte[]> records = new ArrayList<>();
  private final List<Long> hashes = new ArrayList<>();

  /** Where and how long the hash values and the index are in their stream. */
  private int hashBytes() {
    return 4 * records.size();
  }

  /** The stream of the types. */
  byte[] stream(int hashStream) {
    Blob content = new Blob();
    records.forEach(content::add);
    Blob blob = new Blob();
    blob.add32(20040203).add32(56).add32(FIRST).add32(FIRST + records.size());
    blob.add32(content.size()).add16(hashStream).add16(0xffff).add32(4).add32(BUCKETS);
    int index = records.isEmpty() ? 0 : 8;
    blob.add32(0).add32(hashBytes()).add32(hashBytes()).add32(index);
    blob.add32(hashBytes() + index).add32(0);
    return blob.add(content).bytes();
  }

  /** The stream of their hash values and of the offsets by index. */
  byte[] hashes() {
    Blob blob = new Blob();
    hashes.forEach(hash -> blob.add32(hash % BUCKETS));
    if (!records.isEmpty()) {
      blob.add32(FIRST).add32(0);
    }
    return blob.bytes();
  }
}
