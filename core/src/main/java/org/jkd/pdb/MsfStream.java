// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.nio.charset.StandardCharsets;
import org.jkd.image.FormatException;

/**
 * One stream of an MSF file: bytes by their offset in the stream, wherever their blocks lie. Reads
 * behind the end, and blocks outside the file, end in a {@link FormatException}.
 */
public final class MsfStream {
  private static final int SHORT_NAME = 160;

  private final FilePages file;
  private final String what;
  private final int shift;
  private final int mask;
  private final int[] blocks;
  private final long size;

  MsfStream(FilePages file, String what, int blockSize, int[] blocks, long size) {
    this.file = file;
    this.what = what;
    this.shift = Integer.numberOfTrailingZeros(blockSize);
    this.mask = blockSize - 1;
    this.blocks = blocks;
    this.size = size;
  }

  /** Bytes in the stream. */
  public long size() {
    return size;
  }

  /** True when {@code length} bytes from {@code offset} lie inside. */
  public boolean has(long offset, long length) {
    return offset >= 0 && length >= 0 && offset <= size - length;
  }

  private void check(long offset, long length) {
    if (!has(offset, length)) {
      throw new FormatException(
          what, offset, "expected " + length + " bytes, but the stream has " + size);
    }
  }

  private long place(long offset) {
    return ((blocks[(int) (offset >>> shift)] & 0xffff_ffffL) << shift) + (offset & mask);
  }

  /** An unsigned byte. */
  public int u8(long offset) {
    check(offset, 1);
    return file.u8(place(offset));
  }

  /** An unsigned 16-bit number. */
  public int u16(long offset) {
    check(offset, 2);
    if ((offset & mask) + 2 <= mask + 1) {
      return file.u16(place(offset));
    }
    return u8(offset) | u8(offset + 1) << 8;
  }

  /** A signed 32-bit number. */
  public int i32(long offset) {
    check(offset, 4);
    if ((offset & mask) + 4 <= mask + 1) {
      return file.i32(place(offset));
    }
    return u16(offset) | u16(offset + 2) << 16;
  }

  /** An unsigned 32-bit number. */
  public long u32(long offset) {
    return i32(offset) & 0xffff_ffffL;
  }

  /** A 64-bit number. */
  public long u64(long offset) {
    check(offset, 8);
    if ((offset & mask) + 8 <= mask + 1) {
      return file.u64(place(offset));
    }
    return u32(offset) | u32(offset + 4) << 32;
  }

  /** A copy of a part; the caller has checked the length against a named limit. */
  public byte[] copy(long offset, int length) {
    check(offset, length);
    byte[] result = new byte[length];
    copy(offset, result, length);
    return result;
  }

  /** Copies a part to the start of an array. */
  void copy(long offset, byte[] target, int length) {
    check(offset, length);
    int done = 0;
    while (done < length) {
      long at = offset + done;
      int n = (int) Math.min(length - done, mask + 1 - (at & mask));
      file.copy(place(at), target, done, n);
      done += n;
    }
  }

  /** The characters up to a NUL or {@code max} bytes or the end, as UTF-8. */
  public String string(long offset, int max) {
    check(offset, 0);
    // Names are mostly short: one copy, and the end is looked for in the array.
    int near = (int) Math.min(Math.min(max, SHORT_NAME), size - offset);
    byte[] start = copy(offset, near);
    for (int i = 0; i < near; i++) {
      if (start[i] == 0) {
        return new String(start, 0, i, StandardCharsets.UTF_8);
      }
    }
    if (near == max || near == size - offset) {
      return new String(start, StandardCharsets.UTF_8);
    }
    return new String(copy(offset, lengthToNul(offset, max)), StandardCharsets.UTF_8);
  }

  /** The distance to the next NUL, at most {@code max} or the end of the stream. */
  public int lengthToNul(long offset, int max) {
    check(offset, 0);
    int limit = (int) Math.min(max, size - offset);
    int done = 0;
    while (done < limit) {
      long at = offset + done;
      int n = (int) Math.min(limit - done, mask + 1 - (at & mask));
      int found = file.lengthToNul(place(at), n);
      done += found;
      if (found < n) {
        break;
      }
    }
    return done;
  }
}
