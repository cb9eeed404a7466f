// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.Arrays;

/**
 * Pages stored in ascending order of their numbers, one for every bit that is set in a bitmap: the
 * layout of summary and bitmap dumps.
 *
 * <p>A look-up counts the set bits below the page. The counts are kept for every 512 bits and are
 * made only as far as a look-up needs them, so that opening a dump of a big machine costs no more
 * than opening a small one.
 */
public final class BitmapIndex implements PageIndex {
  /** The longest bitmap that is accepted: 16 TB of physical memory, 64 MB of counts. */
  public static final long MAX_BITS = 1L << 32;

  private static final int BLOCK_BITS = 512;
  private static final int BLOCK_BYTES = BLOCK_BITS / 8;

  private final Bytes bitmap;
  private final long bits;
  private final long firstPage;
  private final long pages;

  /** Set bits before block i, for the blocks counted so far. Guarded by this. */
  private long[] before = new long[1];

  /** How many entries of {@link #before} are valid. Guarded by this. */
  private int counted = 1;

  /**
   * @param bitmap the bytes of the bitmap; bit n of the whole is bit n%8 of byte n/8
   * @param bits how many bits count, at most {@link #MAX_BITS} and no more than the bytes hold
   * @param firstPage the file offset of the first stored page
   * @param pages how many pages the dump says it holds
   */
  public BitmapIndex(Bytes bitmap, long bits, long firstPage, long pages) {
    if (bits < 0 || bits > MAX_BITS || bits > bitmap.size() * 8) {
      throw new FormatException(bitmap.name(), -1, "a bitmap of " + bits + " bits does not fit");
    }
    this.bitmap = bitmap;
    this.bits = bits;
    this.firstPage = firstPage;
    this.pages = pages;
  }

  @Override
  public long pages() {
    return pages;
  }

  @Override
  public long fileOffset(long pageFrame) {
    if (pageFrame < 0 || pageFrame >= bits) {
      return ABSENT;
    }
    if ((bitmap.u8(pageFrame >>> 3) >>> (pageFrame & 7) & 1) == 0) {
      return ABSENT;
    }
    return firstPage + rank(pageFrame) * PhysicalMemory.PAGE_SIZE;
  }

  /** How many bits below {@code bit} are set. */
  public long rank(long bit) {
    int block = (int) (bit / BLOCK_BITS);
    long count = countBefore(block);
    long at = (long) block * BLOCK_BYTES;
    int rest = (int) (bit % BLOCK_BITS);
    for (; rest >= 64 && bitmap.has(at, 8); rest -= 64, at += 8) {
      count += Long.bitCount(bitmap.u64(at));
    }
    for (; rest >= 8; rest -= 8, at++) {
      count += Integer.bitCount(bitmap.u8(at));
    }
    return rest == 0 ? count : count + Integer.bitCount(bitmap.u8(at) & ((1 << rest) - 1));
  }

  private synchronized long countBefore(int block) {
    if (block >= counted) {
      if (block >= before.length) {
        int most = (int) ((bits + BLOCK_BITS - 1) / BLOCK_BITS) + 1;
        int wanted = Math.max(block + 1, before.length * 2);
        before = Arrays.copyOf(before, Math.min(Math.max(wanted, 64), most));
      }
      long count = before[counted - 1];
      for (int i = counted; i <= block; i++) {
        count += countBlock((long) (i - 1) * BLOCK_BYTES);
        before[i] = count;
      }
      counted = block + 1;
    }
    return before[block];
  }

  /** Every block before the one that is asked for is whole, so no tail has to be masked. */
  private long countBlock(long at) {
    long count = 0;
    for (int i = 0; i < BLOCK_BYTES; i += 8) {
      count += Long.bitCount(bitmap.u64(at + i));
    }
    return count;
  }
}
