// SPDX-License-Identifier: Apache-2.0
package org.jkd.cabinet;

import java.util.Arrays;
import org.jkd.image.FormatException;

/**
 * A canonical prefix code of lengths up to 16. Short codes are looked up in a table, long ones are
 * searched for by length. A code may be incomplete, as an unused one is; meeting a pattern that has
 * no symbol is an error then.
 */
final class PrefixCode {
  private static final int MAX_LENGTH = 16;
  private static final int TABLE_BITS = 10;

  private final short[] table = new short[1 << TABLE_BITS];
  private final int[] firstCode = new int[MAX_LENGTH + 2];
  private final int[] firstIndex = new int[MAX_LENGTH + 2];
  private final int[] symbols;
  private final String what;

  /**
   * @param lengths of the codes of symbols 0, 1, 2 ...; 0 for symbols that do not occur
   * @param what the name of the code in messages
   */
  PrefixCode(byte[] lengths, int count, String what) {
    this.what = what;
    int[] perLength = new int[MAX_LENGTH + 1];
    for (int i = 0; i < count; i++) {
      perLength[lengths[i]]++;
    }
    perLength[0] = 0;
    int code = 0;
    int index = 0;
    for (int length = 1; length <= MAX_LENGTH; length++) {
      code <<= 1;
      firstCode[length] = code;
      firstIndex[length] = index;
      code += perLength[length];
      index += perLength[length];
      if (code > 1 << length) {
        throw new FormatException("LZX block", -1, "impossible " + what + " code");
      }
    }
    firstIndex[MAX_LENGTH + 1] = index;
    symbols = new int[index];
    int[] next = Arrays.copyOf(firstIndex, MAX_LENGTH + 1);
    for (int i = 0; i < count; i++) {
      int length = lengths[i];
      if (length != 0) {
        int at = next[length]++;
        symbols[at] = i;
        if (length <= TABLE_BITS) {
          int pattern = firstCode[length] + at - firstIndex[length] << TABLE_BITS - length;
          Arrays.fill(
              table, pattern, pattern + (1 << TABLE_BITS - length), (short) (i << 4 | length));
        }
      }
    }
  }

  /** Takes one symbol. */
  int read(BitWords in) {
    int entry = table[in.peek(TABLE_BITS)] & 0xffff;
    if (entry != 0) {
      in.skip(entry & 15);
      return entry >> 4;
    }
    int bits = in.peek(MAX_LENGTH);
    for (int length = TABLE_BITS + 1; length <= MAX_LENGTH; length++) {
      int offset = (bits >> MAX_LENGTH - length) - firstCode[length];
      if (offset >= 0 && offset < firstIndex[length + 1] - firstIndex[length]) {
        in.skip(length);
        return symbols[firstIndex[length] + offset];
      }
    }
    throw new FormatException("LZX block", -1, "a pattern that the " + what + " code has not");
  }
}
