// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jkd.image.Bytes;
import org.jkd.image.CancelledException;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file by their place, for a file of which little is read here and there: pages are
 * read when they are asked for, and as many are kept as a megabyte holds. To map such a file would
 * count all that lies around each place as memory of the process, and reading a mapping is slow
 * until it is compiled. Of a file that is read much after all, as much as it is long, all that ends
 * and it is mapped; small files are mapped at once.
 *
 * <p>For one thread at a time, as all of a PDB. Every read outside the file ends in a {@link
 * FormatException}.
 */
final class FilePages {
  /** Files up to this many bytes are mapped at once. */
  private static final long SMALL = 1 << 20;

  private static final int SHIFT = 13;
  private static final int PAGE = 1 << SHIFT;
  private static final int MASK = PAGE - 1;

  /** Pairs of pages, of which the one that was used less lately makes room. */
  private static final int PAIRS = 64;

  private static final long NONE = -1;

  private final String name;
  private final long size;
  private final @Nullable Path path;
  private final long[] numbers;
  private final byte[][] pages;
  private final boolean[] secondIsOlder;
  private @Nullable Bytes mapped;
  private @Nullable RandomAccessFile file;
  private long bytesRead;

  /** Bytes that are at hand. */
  FilePages(Bytes bytes) {
    this.name = bytes.name();
    this.size = bytes.size();
    this.path = null;
    this.numbers = new long[0];
    this.pages = new byte[0][];
    this.secondIsOlder = new boolean[0];
    this.mapped = bytes;
  }

  /**
   * Opens a file.
   *
   * @throws IOException when there is none that can be read
   */
  FilePages(Path path) throws IOException {
    this.name = String.valueOf(path.getFileName());
    this.path = path;
    this.numbers = new long[2 * PAIRS];
    this.pages = new byte[2 * PAIRS][];
    this.secondIsOlder = new boolean[PAIRS];
    Arrays.fill(numbers, NONE);
    RandomAccessFile opened = new RandomAccessFile(path.toFile(), "r");
    try {
      this.size = opened.length();
      if (size <= SMALL) {
        mapped = Bytes.map(path);
      } else {
        file = opened;
      }
    } finally {
      if (file == null) {
        opened.close();
      }
    }
  }

  /** The file's name for messages. */
  String name() {
    return name;
  }

  /** Bytes in the file. */
  long size() {
    return size;
  }

  /** True when all of the file is at hand. */
  boolean isMapped() {
    return mapped != null;
  }

  /** True when {@code length} bytes from {@code at} lie inside. */
  boolean has(long at, long length) {
    return at >= 0 && length >= 0 && at <= size - length;
  }

  private void check(long at, int length) {
    if (at < 0 || at > size - length) {
      throw new FormatException(
          name,
          at,
          "expected " + length + " bytes, but the data ends at 0x" + Long.toHexString(size));
    }
  }

  private byte[] page(long at) {
    long number = at >>> SHIFT;
    int pair = (int) number & (PAIRS - 1);
    if (numbers[2 * pair] == number) {
      secondIsOlder[pair] = true;
      return pages[2 * pair];
    }
    if (numbers[2 * pair + 1] == number) {
      secondIsOlder[pair] = false;
      return pages[2 * pair + 1];
    }
    int slot = 2 * pair + (secondIsOlder[pair] ? 1 : 0);
    secondIsOlder[pair] ^= true;
    return load(number, slot);
  }

  private byte[] load(long number, int slot) {
    long at = number << SHIFT;
    int length = (int) Math.min(PAGE, size - at);
    byte[] page = pages[slot] == null ? new byte[PAGE] : pages[slot];
    Bytes all = mapped;
    if (all != null) {
      // A copy that began before the file was mapped goes on.
      all.copy(at, page, 0, length);
      return page;
    }
    numbers[slot] = NONE;
    try {
      RandomAccessFile from = file();
      from.seek(at);
      from.readFully(page, 0, length);
      bytesRead += length;
      if (bytesRead >= size) {
        map(from);
      } else {
        pages[slot] = page;
        numbers[slot] = number;
      }
      return page;
    } catch (ClosedByInterruptException e) {
      // Nothing is wrong with the file; it is opened again when it is asked next.
      file = null;
      CancelledException cancelled = new CancelledException();
      cancelled.addSuppressed(e);
      throw cancelled;
    } catch (EOFException e) {
      throw new FormatException(name, at, "expected a file of " + size + " bytes, as it was");
    } catch (IOException e) {
      throw new FormatException(name, at, "cannot be read: " + e.getMessage());
    }
  }

  private RandomAccessFile file() throws IOException {
    RandomAccessFile open = file;
    if (open == null && path != null) {
      open = new RandomAccessFile(path.toFile(), "r");
      file = open;
    }
    if (open == null) {
      throw new IOException("it is closed");
    }
    return open;
  }

  private void map(RandomAccessFile from) throws IOException {
    mapped = Bytes.map(name, from.getChannel());
    from.close();
    file = null;
    Arrays.fill(numbers, NONE);
    Arrays.fill(pages, null);
  }

  /** An unsigned byte. */
  int u8(long at) {
    Bytes all = mapped;
    if (all != null) {
      return all.u8(at);
    }
    check(at, 1);
    return page(at)[(int) at & MASK] & 0xff;
  }

  /** An unsigned 16-bit number. */
  int u16(long at) {
    Bytes all = mapped;
    if (all != null) {
      return all.u16(at);
    }
    check(at, 2);
    int i = (int) at & MASK;
    if (i > PAGE - 2) {
      return u8(at) | u8(at + 1) << 8;
    }
    byte[] p = page(at);
    return p[i] & 0xff | (p[i + 1] & 0xff) << 8;
  }

  /** A signed 32-bit number. */
  int i32(long at) {
    Bytes all = mapped;
    if (all != null) {
      return all.i32(at);
    }
    check(at, 4);
    int i = (int) at & MASK;
    if (i > PAGE - 4) {
      return u16(at) | u16(at + 2) << 16;
    }
    byte[] p = page(at);
    return p[i] & 0xff | (p[i + 1] & 0xff) << 8 | (p[i + 2] & 0xff) << 16 | p[i + 3] << 24;
  }

  /** An unsigned 32-bit number. */
  long u32(long at) {
    return i32(at) & 0xffff_ffffL;
  }

  /** A 64-bit number. */
  long u64(long at) {
    Bytes all = mapped;
    return all != null ? all.u64(at) : u32(at) | u32(at + 4) << 32;
  }

  /** Copies bytes out. */
  void copy(long at, byte[] target, int to, int length) {
    Bytes all = mapped;
    if (all != null) {
      all.copy(at, target, to, length);
      return;
    }
    check(at, length);
    int done = 0;
    while (done < length) {
      int i = (int) (at + done) & MASK;
      int n = Math.min(length - done, PAGE - i);
      System.arraycopy(page(at + done), i, target, to + done, n);
      done += n;
    }
  }

  /** The distance to the next NUL, at most {@code max} or the end of the file. */
  int lengthToNul(long at, int max) {
    Bytes all = mapped;
    if (all != null) {
      return all.lengthToNul(at, max);
    }
    check(at, 0);
    int limit = (int) Math.min(max, size - at);
    int done = 0;
    while (done < limit) {
      int i = (int) (at + done) & MASK;
      int end = i + Math.min(limit - done, PAGE - i);
      byte[] p = page(at + done);
      for (int k = i; k < end; k++) {
        if (p[k] == 0) {
          return done + k - i;
        }
      }
      done += end - i;
    }
    return limit;
  }
}
