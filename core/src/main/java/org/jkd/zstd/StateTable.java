// SPDX-License-Identifier: Apache-2.0
package org.jkd.zstd;

import org.jkd.image.FormatException;

/** A table of finite-state entropy coding: a state gives a symbol and leads to the next state. */
final class StateTable {
  private static final int MAX_SYMBOLS = 256;

  final int log;
  private final byte[] symbols;
  private final byte[] bits;
  private final short[] bases;

  /**
   * @param shares how many of the states each symbol has; −1 for less than one
   */
  StateTable(int log, int[] shares) {
    this.log = log;
    int size = 1 << log;
    symbols = new byte[size];
    bits = new byte[size];
    bases = new short[size];
    int[] next = new int[shares.length];
    int high = size;
    for (int s = 0; s < shares.length; s++) {
      next[s] = Math.abs(shares[s]);
      if (shares[s] == -1) {
        symbols[--high] = (byte) s;
      }
    }
    int step = (size >> 1) + (size >> 3) + 3;
    int position = 0;
    for (int s = 0; s < shares.length; s++) {
      for (int i = 0; i < shares[s]; i++) {
        symbols[position] = (byte) s;
        do {
          position = position + step & size - 1;
        } while (position >= high);
      }
    }
    for (int i = 0; i < size; i++) {
      int n = next[symbols[i] & 0xff]++;
      bits[i] = (byte) (log - (31 - Integer.numberOfLeadingZeros(n)));
      bases[i] = (short) ((n << bits[i]) - size);
    }
  }

  /** A table of one symbol. */
  static StateTable of(int symbol) {
    int[] shares = new int[symbol + 1];
    shares[symbol] = 1;
    return new StateTable(0, shares);
  }

  int symbol(int state) {
    return symbols[state] & 0xff;
  }

  /** Bits that lead on from a state. */
  int bits(int state) {
    return bits[state];
  }

  int next(int state, BackwardBits in) {
    return bases[state] + in.read(bits[state]);
  }

  /** A table and where its description ends. */
  record Described(StateTable table, int end) {}

  /** Reads a description, whose bits run forwards. */
  static Described read(byte[] data, int start, int end, int maxLog, int maxSymbol) {
    int bit = start * 8;
    int log = forward(data, bit, 4, end) + 5;
    bit += 4;
    if (log > maxLog) {
      throw new FormatException("Zstandard block", start, "a table of 2^" + log + " states");
    }
    int[] shares = new int[MAX_SYMBOLS];
    int remaining = 1 << log;
    int symbol = 0;
    while (remaining > 0) {
      if (symbol > maxSymbol) {
        throw new FormatException("Zstandard block", start, "a table with too many symbols");
      }
      int width = 32 - Integer.numberOfLeadingZeros(remaining + 1);
      int value = forward(data, bit, width, end);
      int low = (1 << width - 1) - 1;
      int threshold = (1 << width) - 1 - (remaining + 1);
      bit += width;
      if ((value & low) < threshold) {
        bit--;
        value &= low;
      } else if (value > low) {
        value -= threshold;
      }
      int share = value - 1;
      remaining -= Math.abs(share);
      shares[symbol++] = share;
      if (share == 0) {
        int repeat;
        do {
          repeat = forward(data, bit, 2, end);
          bit += 2;
          symbol += repeat;
        } while (repeat == 3 && symbol <= maxSymbol);
      }
    }
    if (remaining < 0 || symbol > maxSymbol + 1) {
      throw new FormatException("Zstandard block", start, "a table that does not add up");
    }
    int[] used = new int[symbol];
    System.arraycopy(shares, 0, used, 0, symbol);
    return new Described(new StateTable(log, used), bit + 7 >>> 3);
  }

  private static int forward(byte[] data, int bit, int count, int end) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      int at = bit + i >>> 3;
      if (at >= end) {
        throw new FormatException("Zstandard block", end, "a table that is cut short");
      }
      value |= (data[at] >>> (bit + i & 7) & 1) << i;
    }
    return value;
  }
}
