// SPDX-License-Identifier: Apache-2.0
package org.jkd.cabinet;

import org.jkd.image.FormatException;

/**
 * LZX as cabinets use it, after Microsoft's description of the format: matches in a window of 32 KB
 * to 2 MB, three remembered offsets, codes that are transmitted as differences from the codes
 * before, and calls of x86 code made absolute so that they repeat.
 */
final class Lzx extends CabinetBlocks {
  private static final int VERBATIM = 1;
  private static final int ALIGNED = 2;
  private static final int UNCOMPRESSED = 3;

  private static final int LITERALS = 256;
  private static final int LENGTHS = 249;
  private static final int ALIGNED_CODES = 8;
  private static final int PRETREE = 20;
  private static final int SHORT_LENGTHS = 7;
  private static final int MIN_MATCH = 2;

  /** Calls are only translated in the first gigabyte. */
  private static final int TRANSLATED_FRAMES = 32768;

  private static final int[] SLOTS = {30, 32, 34, 36, 38, 42, 50};
  private static final int[] EXTRA = new int[50];
  private static final int[] BASE = new int[50];

  static {
    int base = 0;
    for (int slot = 0; slot < EXTRA.length; slot++) {
      EXTRA[slot] = slot < 4 ? 0 : Math.min(slot / 2 - 1, 17);
      BASE[slot] = base;
      base += 1 << EXTRA[slot];
    }
  }

  private final byte[] window;
  private final int mask;
  private final int mainSymbols;
  private final byte[] mainLengths;
  private final byte[] lengthLengths = new byte[LENGTHS];
  private PrefixCode main;
  private PrefixCode lengths;
  private PrefixCode aligned;

  private boolean started;
  private int translationSize;
  private int frame;
  private long position;
  private int blockKind;
  private int blockLeft;
  private boolean padding;
  private int r0 = 1;
  private int r1 = 1;
  private int r2 = 1;

  /**
   * @param windowBits 15 to 21
   */
  Lzx(int windowBits) {
    if (windowBits < 15 || windowBits > 21) {
      throw new FormatException("cabinet", -1, "an LZX window of " + windowBits + " bits");
    }
    window = new byte[1 << windowBits];
    mask = window.length - 1;
    mainSymbols = LITERALS + 8 * SLOTS[windowBits - 15];
    mainLengths = new byte[mainSymbols];
    main = new PrefixCode(mainLengths, mainSymbols, "main");
    lengths = new PrefixCode(lengthLengths, LENGTHS, "length");
    aligned = new PrefixCode(new byte[ALIGNED_CODES], ALIGNED_CODES, "aligned offset");
  }

  @Override
  void expand(byte[] input, int inputLength, byte[] output, int outputLength) {
    BitWords in = new BitWords(input, inputLength);
    if (!started) {
      started = true;
      translationSize = in.take(1) == 0 ? 0 : in.take(32);
    }
    int left = outputLength;
    while (left > 0) {
      if (blockLeft == 0) {
        blockHeader(in, input, inputLength);
      }
      int run = Math.min(left, blockLeft);
      switch (blockKind) {
        case UNCOMPRESSED -> raw(in, input, inputLength, run);
        default -> matches(in, run);
      }
      left -= run;
      blockLeft -= run;
    }
    if (padding && blockLeft == 0 && in.position() < inputLength) {
      padding = false; // the byte that makes an odd number of bytes even lies in this block still
    }
    int from = (int) (position - outputLength) & mask;
    int first = Math.min(outputLength, window.length - from);
    System.arraycopy(window, from, output, 0, first);
    System.arraycopy(window, 0, output, first, outputLength - first);
    untranslate(output, outputLength);
    frame++;
  }

  private void blockHeader(BitWords in, byte[] input, int inputLength) {
    if (padding) {
      padding = false;
      in.at(in.position() + 1);
    }
    blockKind = in.take(3);
    int high = in.take(16);
    blockLeft = high << 8 | in.take(8);
    if (blockLeft == 0) {
      throw new FormatException("LZX block", -1, "a block of no bytes");
    }
    switch (blockKind) {
      case VERBATIM -> trees(in);
      case ALIGNED -> {
        byte[] codes = new byte[ALIGNED_CODES];
        for (int i = 0; i < ALIGNED_CODES; i++) {
          codes[i] = (byte) in.take(3);
        }
        aligned = new PrefixCode(codes, ALIGNED_CODES, "aligned offset");
        trees(in);
      }
      case UNCOMPRESSED -> {
        int at = in.alignedBytes();
        if (at + 12 > inputLength) {
          throw new FormatException("LZX block", -1, "its data ends too early");
        }
        r0 = int32(input, at);
        r1 = int32(input, at + 4);
        r2 = int32(input, at + 8);
        in.at(at + 12);
        padding = (blockLeft & 1) != 0;
      }
      default -> throw new FormatException("LZX block", -1, "a block of kind " + blockKind);
    }
  }

  private void trees(BitWords in) {
    lengths(in, mainLengths, 0, LITERALS);
    lengths(in, mainLengths, LITERALS, mainSymbols);
    main = new PrefixCode(mainLengths, mainSymbols, "main");
    lengths(in, lengthLengths, 0, LENGTHS);
    lengths = new PrefixCode(lengthLengths, LENGTHS, "length");
  }

  /** Reads code lengths as differences from those before. */
  private static void lengths(BitWords in, byte[] into, int from, int to) {
    byte[] pre = new byte[PRETREE];
    for (int i = 0; i < PRETREE; i++) {
      pre[i] = (byte) in.take(4);
    }
    PrefixCode code = new PrefixCode(pre, PRETREE, "preliminary");
    int i = from;
    while (i < to) {
      int symbol = code.read(in);
      int run = 1;
      int value;
      switch (symbol) {
        case 17 -> {
          run = 4 + in.take(4);
          value = 0;
        }
        case 18 -> {
          run = 20 + in.take(5);
          value = 0;
        }
        case 19 -> {
          run = 4 + in.take(1);
          value = changed(into[i], code.read(in));
        }
        default -> value = changed(into[i], symbol);
      }
      if (run > to - i) {
        throw new FormatException("LZX block", -1, "more code lengths than symbols");
      }
      for (int end = i + run; i < end; i++) {
        into[i] = (byte) value;
      }
    }
  }

  private static int changed(int before, int difference) {
    if (difference > 16) {
      throw new FormatException("LZX block", -1, "a code length out of range");
    }
    return (before - difference + 17) % 17;
  }

  private void raw(BitWords in, byte[] input, int inputLength, int run) {
    int at = in.position();
    if (run > inputLength - at) {
      throw new FormatException("LZX block", -1, "its data ends too early");
    }
    for (int i = 0; i < run; i++) {
      window[(int) position++ & mask] = input[at + i];
    }
    in.at(at + run);
  }

  private void matches(BitWords in, int run) {
    long end = position + run;
    while (position < end) {
      int symbol = main.read(in);
      if (symbol < LITERALS) {
        window[(int) position++ & mask] = (byte) symbol;
        continue;
      }
      symbol -= LITERALS;
      int length = symbol & 7;
      if (length == SHORT_LENGTHS) {
        length += lengths.read(in);
      }
      length += MIN_MATCH;
      copy(offset(in, symbol >> 3), length, end);
    }
  }

  private int offset(BitWords in, int slot) {
    int offset;
    switch (slot) {
      case 0 -> {
        return r0;
      }
      case 1 -> {
        offset = r1;
        r1 = r0;
      }
      case 2 -> {
        offset = r2;
        r2 = r0;
      }
      default -> {
        int extra = EXTRA[slot];
        offset = BASE[slot] - 2;
        if (blockKind == ALIGNED && extra >= 3) {
          offset += in.take(extra - 3) << 3;
          offset += aligned.read(in);
        } else {
          offset += in.take(extra);
        }
        r2 = r1;
        r1 = r0;
      }
    }
    r0 = offset;
    return offset;
  }

  private void copy(int offset, int length, long end) {
    if (length > end - position) {
      throw new FormatException("LZX block", -1, "a match goes beyond its block");
    }
    if (offset <= 0 || offset > window.length || offset > position) {
      throw new FormatException("LZX block", -1, "a match before the start of the data");
    }
    int to = (int) position & mask;
    int from = (int) (position - offset) & mask;
    position += length;
    if (to + length <= window.length && from + length <= window.length) {
      for (int i = 0; i < length; i++) {
        window[to++] = window[from++];
      }
    } else {
      for (int i = 0; i < length; i++) {
        window[to++ & mask] = window[from++ & mask];
      }
    }
  }

  /** Makes the targets of calls relative again. */
  private void untranslate(byte[] data, int length) {
    if (translationSize == 0 || frame >= TRANSLATED_FRAMES) {
      return;
    }
    int base = frame * MAX_OUTPUT;
    int i = 0;
    while (i < length - 10) {
      if (data[i++] != (byte) 0xe8) {
        continue;
      }
      int here = base + i - 1;
      int absolute = int32(data, i);
      if (absolute >= -here && absolute < translationSize) {
        int relative = absolute >= 0 ? absolute - here : absolute + translationSize;
        for (int b = 0; b < 4; b++) {
          data[i + b] = (byte) (relative >> 8 * b);
        }
      }
      i += 4;
    }
  }
}
