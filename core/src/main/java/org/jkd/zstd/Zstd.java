// SPDX-License-Identifier: Apache-2.0
package org.jkd.zstd;

import java.util.Arrays;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/** Expands Zstandard frames. */
public final class Zstd {
  private static final int MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE = 0x184d2a50;
  private static final int MAX_BLOCK = 1 << 17;

  private static final int[] LITERAL_SHARES = {
    4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1,
    -1, -1, -1, -1
  };
  private static final int[] OFFSET_SHARES = {
    1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1
  };
  private static final int[] MATCH_SHARES = {
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1
  };

  /** Bits behind the codes of lengths of literals; the bases follow from them. */
  private static final int[] LITERAL_BITS = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11,
    12, 13, 14, 15, 16
  };

  /** The same for matches, whose lengths begin at 3. */
  private static final int[] MATCH_BITS = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
  };

  private static final int[] LITERAL_BASES = bases(0, LITERAL_BITS);
  private static final int[] MATCH_BASES = bases(3, MATCH_BITS);

  private static final int MAX_OFFSET_CODE = 31;

  private final byte[] in;
  private final byte[] out;
  private int p;
  private int filled;
  private int frameStart;
  private final int[] repeated = new int[3];
  private final StateTable[] tables = new StateTable[3];
  private @Nullable PrefixTable prefixes;
  private byte[] literals = {};
  private int literalCount;

  private Zstd(byte[] in, int size) {
    this.in = in;
    this.out = new byte[size];
  }

  private static int[] bases(int first, int[] bits) {
    int[] bases = new int[bits.length];
    int value = first;
    for (int i = 0; i < bits.length; i++) {
      bases[i] = value;
      value += 1 << bits[i];
    }
    return bases;
  }

  /**
   * Expands all frames of some bytes.
   *
   * @param size bytes that must come out
   * @throws FormatException when the data is damaged or gives another number of bytes
   */
  public static byte[] expand(byte[] data, int size) {
    Zstd zstd = new Zstd(data, size);
    try {
      while (zstd.p < data.length) {
        zstd.frame();
      }
    } catch (IndexOutOfBoundsException e) {
      throw new FormatException("Zstandard frame", zstd.p, "data that is cut short or damaged");
    }
    if (zstd.filled != size) {
      throw zstd.wrong("expected " + size + " bytes, found " + zstd.filled);
    }
    return zstd.out;
  }

  private FormatException wrong(String text) {
    return new FormatException("Zstandard frame", p, text);
  }

  private int byteAt() {
    return in[p++] & 0xff;
  }

  private long number(int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) byteAt() << 8 * i;
    }
    return value;
  }

  private void frame() {
    int magic = (int) number(4);
    if ((magic & ~0xf) == SKIPPABLE) {
      long length = number(4);
      if (length > in.length - p) {
        throw wrong("a frame to skip of " + length + " bytes");
      }
      p += (int) length;
      return;
    }
    if (magic != MAGIC) {
      throw wrong("no Zstandard frame");
    }
    int descriptor = byteAt();
    boolean single = (descriptor & 0x20) != 0;
    p += single ? 0 : 1;
    int dictionary = (int) number(new int[] {0, 1, 2, 4}[descriptor & 3]);
    if (dictionary != 0) {
      throw wrong("a frame that needs a dictionary");
    }
    p += descriptor >>> 6 == 0 ? single ? 1 : 0 : 1 << (descriptor >>> 6);
    frameStart = filled;
    repeated[0] = 1;
    repeated[1] = 4;
    repeated[2] = 8;
    Arrays.fill(tables, null);
    prefixes = null;
    boolean last = false;
    while (!last) {
      int head = (int) number(3);
      last = (head & 1) != 0;
      block(head >>> 1 & 3, head >>> 3);
    }
    // What follows is a checksum; the length that was promised is checked instead.
    p += (descriptor & 4) != 0 ? 4 : 0;
  }

  private void block(int type, int size) {
    if (type == 3 || size > MAX_BLOCK) {
      throw wrong("a block of kind " + type + " and " + size + " bytes");
    }
    switch (type) {
      case 0 -> {
        System.arraycopy(in, p, out, filled, size);
        p += size;
        filled += size;
      }
      case 1 -> {
        Arrays.fill(out, filled, filled + size, (byte) byteAt());
        filled += size;
      }
      default -> {
        int end = p + size;
        if (end > in.length) {
          throw wrong("a block that is cut short");
        }
        literals(end);
        sequences(end);
        p = end;
      }
    }
  }

  private void literals(int end) {
    int kind = in[p] & 3;
    int format = in[p] >>> 2 & 3;
    if (kind < 2) {
      int bytes = format == 1 ? 2 : format == 3 ? 3 : 1;
      literalCount = (int) number(bytes) >>> (bytes == 1 ? 3 : 4);
      room();
      if (kind == 0) {
        System.arraycopy(in, p, literals, 0, literalCount);
        p += literalCount;
      } else {
        Arrays.fill(literals, 0, literalCount, (byte) byteAt());
      }
      return;
    }
    int bytes = format < 2 ? 3 : format + 2;
    int width = format < 2 ? 10 : format == 2 ? 14 : 18;
    long head = number(bytes) >>> 4;
    literalCount = (int) (head & (1 << width) - 1);
    int compressed = (int) (head >>> width);
    room();
    int stop = p + compressed;
    if (stop > end) {
      throw wrong("literals that are longer than their block");
    }
    if (kind == 2) {
      prefixes = PrefixTable.read(in, p, stop);
      p += prefixes.size;
    } else if (prefixes == null) {
      throw wrong("literals by a table that there is not");
    }
    if (format == 0) {
      prefixes.expand(in, p, stop, literals, 0, literalCount);
    } else {
      int part = (literalCount + 3) / 4;
      int[] sizes = {(int) number(2), (int) number(2), (int) number(2)};
      int at = p;
      for (int i = 0; i < 4; i++) {
        int next = i < 3 ? at + sizes[i] : stop;
        int count = i < 3 ? part : literalCount - 3 * part;
        if (next > stop || count < 0) {
          throw wrong("streams of literals that are longer than their block");
        }
        prefixes.expand(in, at, next, literals, i * part, count);
        at = next;
      }
    }
    p = stop;
  }

  private void room() {
    if (literalCount > MAX_BLOCK) {
      throw wrong(literalCount + " literals in one block");
    }
    if (literals.length < literalCount) {
      literals = new byte[MAX_BLOCK];
    }
  }

  private void sequences(int end) {
    int first = byteAt();
    int count =
        first < 128
            ? first
            : first < 255 ? (first - 128 << 8) + byteAt() : (int) number(2) + 0x7f00;
    int used = 0;
    if (count > 0) {
      int modes = byteAt();
      table(0, modes >>> 6, 9, 6, LITERAL_SHARES, LITERAL_BITS.length - 1, end);
      table(1, modes >>> 4 & 3, 8, 5, OFFSET_SHARES, MAX_OFFSET_CODE, end);
      table(2, modes >>> 2 & 3, 9, 6, MATCH_SHARES, MATCH_BITS.length - 1, end);
      used = copies(count, new BackwardBits(in, p, end));
    }
    int left = literalCount - used;
    System.arraycopy(literals, used, out, filled, left);
    filled += left;
  }

  private void table(
      int which, int mode, int maxLog, int log, int[] shares, int maxSymbol, int end) {
    switch (mode) {
      case 0 -> tables[which] = new StateTable(log, shares);
      case 1 -> {
        int symbol = byteAt();
        if (symbol > maxSymbol) {
          throw wrong("a code of " + symbol);
        }
        tables[which] = StateTable.of(symbol);
      }
      case 2 -> {
        StateTable.Described d = StateTable.read(in, p, end, maxLog, maxSymbol);
        tables[which] = d.table();
        p = d.end();
      }
      default -> {
        if (tables[which] == null) {
          throw wrong("a table that there is not, to be used again");
        }
      }
    }
  }

  /** Copies literals and matches; returns how many literals were used. */
  private int copies(int count, BackwardBits bits) {
    StateTable ofLiterals = tables[0];
    StateTable ofOffsets = tables[1];
    StateTable ofMatches = tables[2];
    int literalState = bits.read(ofLiterals.log);
    int offsetState = bits.read(ofOffsets.log);
    int matchState = bits.read(ofMatches.log);
    int used = 0;
    for (int i = 0; i < count; i++) {
      int offsetCode = ofOffsets.symbol(offsetState);
      int high = offsetCode > 16 ? bits.read(offsetCode - 16) << 16 : 0;
      int offsetValue = (1 << offsetCode) + high + bits.read(Math.min(offsetCode, 16));
      int code = ofMatches.symbol(matchState);
      int match = MATCH_BASES[code] + bits.read(MATCH_BITS[code]);
      code = ofLiterals.symbol(literalState);
      int length = LITERAL_BASES[code] + bits.read(LITERAL_BITS[code]);
      if (length > literalCount - used) {
        throw wrong("more literals than the block has");
      }
      System.arraycopy(literals, used, out, filled, length);
      used += length;
      filled += length;
      copy(offset(offsetValue, length), match);
      if (i + 1 < count) {
        literalState = ofLiterals.next(literalState, bits);
        matchState = ofMatches.next(matchState, bits);
        offsetState = ofOffsets.next(offsetState, bits);
      }
    }
    if (bits.left() != 0) {
      throw wrong("sequences that do not fill their stream");
    }
    return used;
  }

  /** The distance that a value stands for: 1 to 3 repeat one of the last distances. */
  private int offset(int value, int literalLength) {
    if (value > 3 || value < 0) {
      repeated[2] = repeated[1];
      repeated[1] = repeated[0];
      repeated[0] = value - 3;
      return repeated[0];
    }
    int which = value - 1 + (literalLength == 0 ? 1 : 0);
    int distance = which == 3 ? repeated[0] - 1 : repeated[which];
    if (which > 1) {
      repeated[2] = repeated[1];
    }
    if (which > 0) {
      repeated[1] = repeated[0];
      repeated[0] = distance;
    }
    return distance;
  }

  private void copy(int distance, int length) {
    if (distance <= 0 || distance > filled - frameStart) {
      throw wrong("a match " + distance + " bytes back, of " + (filled - frameStart));
    }
    if (length > out.length - filled) {
      throw wrong("more bytes than the " + out.length + " that were expected");
    }
    for (int i = 0; i < length; i++) {
      out[filled + i] = out[filled + i - distance];
    }
    filled += length;
  }
}
