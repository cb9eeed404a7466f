// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compresses with LZX as cabinets do. It finds matches greedily and is made to exercise a decoder,
 * not to compress well: blocks of all three kinds take turns and do not end where frames end.
 *
 * @param windowBits 15 to 21
 * @param kinds the kinds of the blocks, in turn: 1 verbatim, 2 aligned offsets, 3 uncompressed
 * @param blockSize bytes per block
 * @param calls translates the targets of calls, as is done for programs
 */
public record LzxWriter(int windowBits, int[] kinds, int blockSize, boolean calls) {
  private static final int FRAME = 0x8000;
  private static final int HASH = 1 << 15;
  private static final int TRIES = 12;
  private static final int MAX_MATCH = 257;
  private static final int[] SLOT_COUNT = {30, 32, 34, 36, 38, 42, 50};

  /** The compressed frames of some bytes; each frame stands for 32 KB of them. */
  public List<byte[]> frames(byte[] content) {
    return new Run(this, content).frames();
  }

  /** The extra bits of an offset of a slot. */
  private static int extra(int slot) {
    return slot < 4 ? 0 : Math.min(17, (slot - 2) / 2);
  }

  private static int base(int slot) {
    int base = 0;
    for (int i = 0; i < slot; i++) {
      base += 1 << extra(i);
    }
    return base;
  }

  /** One element: a literal, or a match with what stands behind its symbol. */
  private record Token(int main, int length, int slot, int footer, int bytes) {}

  private static final class Run {
    private final LzxWriter options;
    private final byte[] data;
    private final int mainCount;
    private final int[] bases = new int[51];
    private final int[] head = new int[HASH];
    private final int[] previous;
    private final List<byte[]> frames = new ArrayList<>();
    private final int[] recent = {1, 1, 1};
    private byte[] mainLengths;
    private byte[] lengthLengths = new byte[249];
    private Bits out = new Bits();
    private int done;
    private boolean pad;

    Run(LzxWriter options, byte[] content) {
      this.options = options;
      this.data = content.clone();
      this.mainCount = 256 + 8 * SLOT_COUNT[options.windowBits - 15];
      this.mainLengths = new byte[mainCount];
      this.previous = new int[content.length];
      Arrays.fill(head, -1);
      for (int i = 0; i < bases.length; i++) {
        bases[i] = base(i);
      }
    }

    List<byte[]> frames() {
      out.put(options.calls ? 1 : 0, 1);
      if (options.calls) {
        out.put(data.length >>> 16, 16);
        out.put(data.length & 0xffff, 16);
        translate();
      }
      int block = 0;
      while (done < data.length) {
        int length = Math.min(options.blockSize, data.length - done);
        int kind = options.kinds[block++ % options.kinds.length];
        if (pad) {
          out.raw(0);
          pad = false;
        }
        out.put(kind, 3);
        out.put(length >>> 8, 16);
        out.put(length & 0xff, 8);
        if (kind == 3) {
          raw(length);
        } else {
          compressed(kind, length);
        }
      }
      if (done % FRAME != 0) {
        frames.add(out.bytes());
      }
      return frames;
    }

    /** Makes the targets of calls absolute, frame by frame; the last bytes of a frame stay. */
    private void translate() {
      for (int start = 0; start < data.length; start += FRAME) {
        int end = Math.min(start + FRAME, data.length) - 10;
        for (int i = start; i < end; ) {
          if (data[i++] != (byte) 0xe8) {
            continue;
          }
          int here = i - 1;
          int relative = 0;
          for (int b = 3; b >= 0; b--) {
            relative = relative << 8 | data[i + b] & 0xff;
          }
          if (relative >= -here && relative < data.length) {
            int absolute = relative < data.length - here ? relative + here : relative - data.length;
            for (int b = 0; b < 4; b++) {
              data[i + b] = (byte) (absolute >> 8 * b);
            }
          }
          i += 4;
        }
      }
    }

    private void advance(int bytes) {
      done += bytes;
      if (done % FRAME == 0) {
        frames.add(out.bytes());
        out = new Bits();
      }
    }

    private void raw(int length) {
      out.alignForBytes();
      for (int r : recent) {
        for (int b = 0; b < 4; b++) {
          out.raw(r >> 8 * b);
        }
      }
      for (int i = 0; i < length; i++) {
        remember(done);
        out.raw(data[done]);
        advance(1);
      }
      pad = (length & 1) != 0;
    }

    private void compressed(int kind, int length) {
      List<Token> tokens = tokens(done + length);
      int[] main = new int[mainCount];
      int[] lengths = new int[249];
      int[] low = new int[8];
      Arrays.fill(low, 1);
      main[0]++;
      main[1]++;
      for (Token t : tokens) {
        main[t.main]++;
        if (t.length >= 0) {
          lengths[t.length]++;
          lengths[t.length == 0 ? 1 : 0]++;
        }
        if (t.slot >= 8) {
          low[t.footer & 7]++;
        }
      }
      byte[] alignedLengths = codeLengths(low, 7);
      if (kind == 2) {
        for (byte l : alignedLengths) {
          out.put(l, 3);
        }
      }
      byte[] newMain = codeLengths(main, 16);
      byte[] newLengths = codeLengths(lengths, 16);
      transmit(mainLengths, newMain, 0, 256);
      transmit(mainLengths, newMain, 256, mainCount);
      transmit(lengthLengths, newLengths, 0, 249);
      mainLengths = newMain;
      lengthLengths = newLengths;
      int[] mainCodes = codes(newMain);
      int[] lengthCodes = codes(newLengths);
      int[] alignedCodes = codes(alignedLengths);
      for (Token t : tokens) {
        out.put(mainCodes[t.main], newMain[t.main]);
        if (t.length >= 0) {
          out.put(lengthCodes[t.length], newLengths[t.length]);
        }
        int extra = t.slot < 3 ? 0 : extra(t.slot);
        if (kind == 2 && extra >= 3) {
          out.put(t.footer >> 3, extra - 3);
          out.put(alignedCodes[t.footer & 7], alignedLengths[t.footer & 7]);
        } else {
          out.put(t.footer, extra);
        }
        advance(t.bytes);
      }
    }

    private List<Token> tokens(int end) {
      List<Token> tokens = new ArrayList<>();
      int at = done;
      while (at < end) {
        int limit = Math.min(Math.min(end, (at / FRAME + 1) * FRAME) - at, MAX_MATCH);
        int best = 2;
        int bestOffset = 0;
        int tries = TRIES;
        int reach = (1 << options.windowBits) - 3;
        for (int p = limit < 3 ? -1 : head[hash(at)];
            p >= 0 && at - p <= reach && tries-- > 0;
            p = previous[p]) {
          int n = 0;
          while (n < limit && data[p + n] == data[at + n]) {
            n++;
          }
          if (n > best) {
            best = n;
            bestOffset = at - p;
          }
        }
        int bytes = bestOffset == 0 ? 1 : best;
        tokens.add(bestOffset == 0 ? literal(at) : match(bestOffset, best));
        for (int i = 0; i < bytes; i++) {
          remember(at++);
        }
      }
      return tokens;
    }

    private Token literal(int at) {
      return new Token(data[at] & 0xff, -1, -1, 0, 1);
    }

    private Token match(int offset, int length) {
      int slot = 0;
      while (slot < 3 && recent[slot] != offset) {
        slot++;
      }
      int footer = 0;
      if (slot < 3) {
        recent[slot] = recent[0];
      } else {
        while (bases[slot + 1] <= offset + 2) {
          slot++;
        }
        footer = offset + 2 - bases[slot];
        recent[2] = recent[1];
        recent[1] = recent[0];
      }
      recent[0] = offset;
      int shortLength = Math.min(length - 2, 7);
      int main = 256 + (slot << 3) + shortLength;
      return new Token(main, shortLength == 7 ? length - 9 : -1, slot, footer, length);
    }

    private void remember(int at) {
      if (at + 3 <= data.length) {
        int h = hash(at);
        previous[at] = head[h];
        head[h] = at;
      }
    }

    private int hash(int at) {
      int three = data[at] & 0xff | (data[at + 1] & 0xff) << 8 | (data[at + 2] & 0xff) << 16;
      return three * 0x9e3779b1 >>> 17;
    }

    /** Writes code lengths as differences from those before, runs of zeros and repeats. */
    private void transmit(byte[] before, byte[] now, int from, int to) {
      List<int[]> symbols = new ArrayList<>();
      int i = from;
      while (i < to) {
        int run = 1;
        while (i + run < to && now[i + run] == now[i]) {
          run++;
        }
        if (now[i] == 0 && run >= 20) {
          run = Math.min(run, 51);
          symbols.add(new int[] {18, run - 20, 5});
        } else if (now[i] == 0 && run >= 4) {
          run = Math.min(run, 19);
          symbols.add(new int[] {17, run - 4, 4});
        } else if (run >= 4) {
          run = Math.min(run, 5);
          symbols.add(new int[] {19, run - 4, 1});
          symbols.add(new int[] {(before[i] - now[i] + 17) % 17, 0, 0});
        } else {
          run = 1;
          symbols.add(new int[] {(before[i] - now[i] + 17) % 17, 0, 0});
        }
        i += run;
      }
      int[] counts = new int[20];
      counts[0]++;
      counts[1]++;
      symbols.forEach(s -> counts[s[0]]++);
      byte[] lengths = codeLengths(counts, 15);
      int[] codes = codes(lengths);
      for (byte l : lengths) {
        out.put(l, 4);
      }
      for (int[] s : symbols) {
        out.put(codes[s[0]], lengths[s[0]]);
        out.put(s[1], s[2]);
      }
    }
  }

  /** Lengths of a prefix code for symbols that occur this often. */
  private static byte[] codeLengths(int[] counts, int limit) {
    int[] weights = counts.clone();
    while (true) {
      byte[] lengths = huffman(weights);
      int longest = 0;
      for (byte l : lengths) {
        longest = Math.max(longest, l);
      }
      if (longest <= limit) {
        return lengths;
      }
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (weights[i] + 1) / 2;
      }
    }
  }

  private static byte[] huffman(int[] weights) {
    int n = weights.length;
    long[] weight = new long[2 * n];
    int[] parent = new int[2 * n];
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      weight[i] = weights[i];
      if (weights[i] > 0) {
        open.add(i);
      }
    }
    int next = n;
    while (open.size() > 1) {
      open.sort((a, b) -> Long.compare(weight[a], weight[b]));
      int a = open.removeFirst();
      int b = open.removeFirst();
      weight[next] = weight[a] + weight[b];
      parent[a] = next;
      parent[b] = next;
      open.add(next++);
    }
    byte[] lengths = new byte[n];
    for (int i = 0; i < n; i++) {
      int depth = 0;
      for (int p = parent[i]; p != 0; p = parent[p]) {
        depth++;
      }
      lengths[i] = (byte) depth;
    }
    return lengths;
  }

  private static int[] codes(byte[] lengths) {
    int[] codes = new int[lengths.length];
    int code = 0;
    for (int length = 1; length <= 16; length++) {
      for (int i = 0; i < lengths.length; i++) {
        if (lengths[i] == length) {
          codes[i] = code++;
        }
      }
      code <<= 1;
    }
    return codes;
  }

  /** Bits in 16-bit words, highest first, and bytes between them. */
  private static final class Bits {
    private final Blob blob = new Blob();
    private int word;
    private int used;

    void put(int value, int bits) {
      for (int i = bits - 1; i >= 0; i--) {
        word = word << 1 | value >> i & 1;
        if (++used == 16) {
          flush();
        }
      }
    }

    private void flush() {
      blob.add16(word);
      word = 0;
      used = 0;
    }

    /** One to sixteen zero bits. */
    void alignForBytes() {
      put(0, 16 - used);
    }

    void raw(int value) {
      blob.add8(value);
    }

    byte[] bytes() {
      if (used > 0) {
        put(0, 16 - used);
      }
      return blob.bytes();
    }
  }
}
