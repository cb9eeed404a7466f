// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.nio.charset.StandardCharsets;

/** The hash of names in the tables of a PDB: words XORed, letters' case left out. */
final class NameHash {
  private NameHash() {}

  /** The hash of a name, unsigned in a long. */
  static long of(String name) {
    byte[] b = name.getBytes(StandardCharsets.UTF_8);
    int hash = 0;
    int i = 0;
    for (; i + 4 <= b.length; i += 4) {
      hash ^=
          b[i] & 0xff | (b[i + 1] & 0xff) << 8 | (b[i + 2] & 0xff) << 16 | (b[i + 3] & 0xff) << 24;
    }
    if (i + 2 <= b.length) {
      hash ^= b[i] & 0xff | (b[i + 1] & 0xff) << 8;
      i += 2;
    }
    if (i < b.length) {
      hash ^= b[i] & 0xff;
    }
    hash |= 0x2020_2020;
    hash ^= hash >>> 11;
    hash ^= hash >>> 16;
    return hash & 0xffff_ffffL;
  }
}
