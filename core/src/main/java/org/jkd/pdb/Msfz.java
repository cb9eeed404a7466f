// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.zstd.Zstd;

/**
 * A compressed container of a PDB's streams (MSFZ, "PDZ"), after the description in Microsoft's
 * pdb-rs. Streams consist of fragments, which lie in the file as they are or in chunks that were
 * compressed; a stream is put together when it is asked for.
 */
final class Msfz {
  private static final byte[] MAGIC =
      "Microsoft MSFZ Container\r\n\u001aALD\0\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final int HEADER = 80;
  private static final int CHUNK = 20;
  private static final int NIL = -1;
  private static final int PLAIN = 0;
  private static final int ZSTD = 1;
  private static final int DEFLATE = 2;

  /** Streams of one file, as in {@link Msf}. */
  private static final long MAX_STREAMS = 1 << 18;

  private static final long MAX_FRAGMENTS = 1 << 22;
  private static final long MAX_CHUNKS = 1 << 20;

  /** Bytes of one chunk or of the directory when they are expanded; writers make 4 MB of them. */
  private static final long MAX_CHUNK = 1 << 28;

  /** Bytes of all streams together. */
  private static final long MAX_SIZE = 1L << 32;

  private final FilePages file;
  private final Bytes chunks;
  private final int chunkCount;
  private final int[] sizes;

  /** The first fragment of each stream, and behind the last one their number. */
  private final int[] first;

  private int[] lengths = new int[64];
  private long[] places = new long[64];
  private final long total;
  private int chunkAtHand = -1;
  private byte[] expanded = {};
  private final Map<Integer, Bytes> streams = new HashMap<>();

  Msfz(FilePages file) {
    this.file = file;
    if (!file.has(0, HEADER)) {
      throw wrong(0, "a header of " + HEADER + " bytes in a file of " + file.size());
    }
    if (file.u64(32) != 0) {
      throw wrong(32, "version " + Long.toUnsignedString(file.u64(32)) + ", not 0");
    }
    long count = file.u32(56);
    long chunkNumber = file.u32(72);
    if (count > MAX_STREAMS || chunkNumber > MAX_CHUNKS) {
      throw wrong(56, count + " streams in " + chunkNumber + " chunks");
    }
    if (file.u32(76) < chunkNumber * CHUNK || !file.has(file.u64(48), chunkNumber * CHUNK)) {
      throw wrong(48, "the table of " + chunkNumber + " chunks does not lie in the file");
    }
    this.chunkCount = (int) chunkNumber;
    this.chunks = Bytes.of("MSFZ chunk table", copy(file.u64(48), (int) chunkNumber * CHUNK));
    byte[] directory =
        expand(file.u64(40), (int) file.u32(60), file.u32(64), file.u32(68), "directory");
    this.sizes = new int[(int) count];
    this.first = new int[(int) count + 1];
    this.total = read(Bytes.of("MSFZ directory", directory));
  }

  static boolean is(FilePages file) {
    byte[] start = new byte[MAGIC.length];
    if (file.has(0, start.length)) {
      file.copy(0, start, 0, start.length);
    }
    return Arrays.equals(start, MAGIC);
  }

  private byte[] copy(long at, int size) {
    byte[] data = new byte[size];
    file.copy(at, data, 0, size);
    return data;
  }

  private static FormatException wrong(long at, String text) {
    return new FormatException("MSFZ", at, text);
  }

  /** Reads the directory; returns the bytes of all streams. */
  private long read(Bytes d) {
    long p = 0;
    int fragments = 0;
    long all = 0;
    for (int s = 0; s < sizes.length; s++) {
      first[s] = fragments;
      long size = 0;
      long length = d.u32(p);
      p += 4;
      if (length == 0xffff_ffffL) {
        sizes[s] = NIL;
        continue;
      }
      while (length != 0) {
        if (fragments >= MAX_FRAGMENTS) {
          throw wrong(p, "more than " + MAX_FRAGMENTS + " fragments");
        }
        if (fragments == lengths.length) {
          lengths = Arrays.copyOf(lengths, 2 * fragments);
          places = Arrays.copyOf(places, 2 * fragments);
        }
        lengths[fragments] = (int) length;
        places[fragments++] = d.u64(p);
        size += length;
        length = d.u32(p + 8);
        p += 12;
      }
      all += size;
      if (size > Integer.MAX_VALUE - 8 || all > MAX_SIZE) {
        throw wrong(p, "streams of " + all + " bytes");
      }
      sizes[s] = (int) size;
    }
    first[sizes.length] = fragments;
    return all;
  }

  /** The bytes of each stream, −1 for one that is not there. */
  int[] sizes() {
    return sizes;
  }

  /** Bytes of all streams together. */
  long total() {
    return total;
  }

  /** A stream, put together. */
  Bytes stream(int index, String what) {
    Bytes known = streams.get(index);
    if (known != null) {
      return known;
    }
    for (int i = first[index]; i < first[index + 1]; i++) {
      check(i, what);
    }
    byte[] data = new byte[sizes[index]];
    int at = 0;
    for (int i = first[index]; i < first[index + 1]; i++) {
      if (places[i] >= 0) {
        file.copy(places[i] & 0xffff_ffff_ffffL, data, at, lengths[i]);
      } else {
        fromChunks(places[i], data, at, lengths[i]);
      }
      at += lengths[i];
    }
    Bytes stream = Bytes.of(what, data);
    streams.put(index, stream);
    return stream;
  }

  /** Fragments are looked at before room is made for them. */
  private void check(int fragment, String what) {
    long place = places[fragment];
    long length = lengths[fragment] & 0xffff_ffffL;
    if (place >= 0) {
      if (!file.has(place & 0xffff_ffff_ffffL, length)) {
        throw new FormatException(what, place, "a fragment that does not lie in the file");
      }
      return;
    }
    long left = length + (place & 0xffff_ffffL);
    for (long c = place >>> 32 & 0x7fff_ffffL; c < chunkCount && left > 0; c++) {
      left -= chunks.u32(c * CHUNK + 16);
    }
    if (left > 0) {
      throw new FormatException(what, -1, "a fragment that does not lie in the chunks");
    }
  }

  private void fromChunks(long place, byte[] to, int start, int length) {
    int chunk = (int) (place >>> 32 & 0x7fff_ffffL);
    long offset = place & 0xffff_ffffL;
    int at = start;
    int left = length;
    while (left > 0) {
      byte[] data = chunk(chunk++);
      if (offset >= data.length) {
        offset -= data.length;
        continue;
      }
      int part = (int) Math.min(left, data.length - offset);
      System.arraycopy(data, (int) offset, to, at, part);
      at += part;
      left -= part;
      offset = 0;
    }
  }

  private byte[] chunk(int number) {
    if (number != chunkAtHand) {
      long p = (long) number * CHUNK;
      expanded =
          expand(
              chunks.u64(p),
              chunks.i32(p + 8),
              chunks.u32(p + 12),
              chunks.u32(p + 16),
              "chunk " + number);
      chunkAtHand = number;
    }
    return expanded;
  }

  private byte[] expand(long at, int kind, long size, long expandedSize, String what) {
    if (!file.has(at, size) || expandedSize > MAX_CHUNK || size > MAX_CHUNK) {
      throw new FormatException(
          "MSFZ " + what, at, size + " bytes, " + expandedSize + " when they are expanded");
    }
    byte[] data = copy(at, (int) size);
    if (kind == PLAIN && size != expandedSize) {
      throw new FormatException("MSFZ " + what, at, size + " bytes instead of " + expandedSize);
    }
    return switch (kind) {
      case PLAIN -> data;
      case ZSTD -> Zstd.expand(data, (int) expandedSize);
      case DEFLATE -> inflate(data, (int) expandedSize, what);
      default -> throw new FormatException("MSFZ " + what, at, "unknown compression " + kind);
    };
  }

  private static byte[] inflate(byte[] data, int size, String what) {
    byte[] out = new byte[size];
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(data);
      int filled = 0;
      while (filled < size) {
        int more = inflater.inflate(out, filled, size - filled);
        if (more == 0) {
          throw new FormatException(
              "MSFZ " + what, -1, "expected " + size + " bytes, found " + filled);
        }
        filled += more;
      }
      return out;
    } catch (DataFormatException e) {
      throw new FormatException("MSFZ " + what, -1, "damaged: " + e.getMessage());
    } finally {
      inflater.end();
    }
  }
}
