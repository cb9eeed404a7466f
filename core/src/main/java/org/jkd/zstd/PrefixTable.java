// SPDX-License-Identifier: Apache-2.0
package org.jkd.zstd;

import org.jkd.image.FormatException;

/** Codes of different lengths for literals (Huffman). */
final class PrefixTable {
  private static final int MAX_BITS = 11;
  private static final int MAX_WEIGHT_LOG = 6;

  private final int maxBits;
  private final byte[] symbols;
  private final byte[] lengths;

  /** Bytes that the description took. */
  final int size;

  private PrefixTable(int[] weights, int count, int size) {
    this.size = size;
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weights[i] == 0 ? 0 : 1 << weights[i] - 1;
    }
    maxBits = sum == 0 ? 0 : 32 - Integer.numberOfLeadingZeros(sum);
    int left = (1 << maxBits) - sum;
    if (sum == 0 || maxBits > MAX_BITS || Integer.bitCount(left) != 1 || count > 255) {
      throw new FormatException("Zstandard block", -1, "lengths of codes that do not add up");
    }
    weights[count] = 32 - Integer.numberOfLeadingZeros(left);
    symbols = new byte[1 << maxBits];
    lengths = new byte[1 << maxBits];
    int at = 0;
    for (int w = 1; w <= maxBits; w++) {
      for (int s = 0; s <= count; s++) {
        for (int i = 0; weights[s] == w && i < 1 << w - 1; i++) {
          symbols[at] = (byte) s;
          lengths[at++] = (byte) (maxBits + 1 - w);
        }
      }
    }
  }

  static PrefixTable read(byte[] data, int start, int end) {
    if (start >= end) {
      throw new FormatException("Zstandard block", start, "no table of codes");
    }
    int head = data[start] & 0xff;
    int[] weights = new int[257];
    int count = 0;
    if (head >= 128) {
      count = head - 127;
      int bytes = (count + 1) / 2;
      if (start + 1 + bytes > end) {
        throw new FormatException("Zstandard block", start, "a table of codes that is cut short");
      }
      for (int i = 0; i < count; i++) {
        int both = data[start + 1 + i / 2] & 0xff;
        weights[i] = i % 2 == 0 ? both >>> 4 : both & 0xf;
      }
      return new PrefixTable(weights, count, 1 + bytes);
    }
    int stop = start + 1 + head;
    if (stop > end) {
      throw new FormatException("Zstandard block", start, "a table of codes that is cut short");
    }
    StateTable.Described d = StateTable.read(data, start + 1, stop, MAX_WEIGHT_LOG, MAX_BITS + 1);
    StateTable table = d.table();
    BackwardBits in = new BackwardBits(data, d.end(), stop);
    int one = in.read(table.log);
    int other = in.read(table.log);
    while (count < 254) {
      weights[count++] = table.symbol(one);
      if (in.left() < table.bits(one)) {
        weights[count++] = table.symbol(other);
        return new PrefixTable(weights, count, 1 + head);
      }
      int next = table.next(one, in);
      one = other;
      other = next;
    }
    throw new FormatException("Zstandard block", start, "codes for too many symbols");
  }

  /** Expands one stream; it must end where its bits do. */
  void expand(byte[] data, int start, int end, byte[] to, int at, int count) {
    BackwardBits in = new BackwardBits(data, start, end);
    for (int i = 0; i < count; i++) {
      int code = in.peek(maxBits);
      to[at + i] = symbols[code];
      in.skip(lengths[code]);
    }
    if (in.left() != 0) {
      throw new FormatException("Zstandard block", start, "literals that do not fill their stream");
    }
  }
}
