// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import java.util.Arrays;
import org.jkd.image.Bytes;

/** The base relocations: RVAs of the pointers that the loader adjusts when the base changes. */
public final class Relocations {
  /** Eight million pointers; a kernel has some fifty thousand. */
  private static final long MAX_BYTES = 16L << 20;

  private static final int HIGHLOW = 3;
  private static final int DIR64 = 10;

  private final int[] rvas;
  private final boolean complete;
  private final int width;

  private Relocations(int[] rvas, boolean complete, int width) {
    this.rvas = rvas;
    this.complete = complete;
    this.width = width;
  }

  static Relocations read(PeImage image) {
    PeImage.Range range = image.directory(PeImage.Directory.RELOCATION);
    int width = image.is64() ? 8 : 4;
    if (!range.present()) {
      return new Relocations(new int[0], true, width);
    }
    long size = Math.min(range.size(), MAX_BYTES);
    Bytes table = image.available("relocations", range.rva(), size);
    int wanted = image.is64() ? DIR64 : HIGHLOW;
    int[] found = new int[(int) (table.size() / 2)];
    int n = 0;
    long p = 0;
    while (table.has(p, 8)) {
      long page = table.u32(p);
      long block = table.u32(p + 4);
      if (block < 8) {
        break;
      }
      long end = Math.min(p + block, table.size() & ~1L);
      for (long e = p + 8; e + 2 <= end; e += 2) {
        int entry = table.u16(e);
        if (entry >>> 12 == wanted) {
          found[n++] = (int) (page + (entry & 0xfff));
        }
      }
      p += block;
    }
    int[] sorted = Arrays.copyOf(found, n);
    Arrays.sort(sorted);
    return new Relocations(sorted, table.size() >= size, width);
  }

  /** The number of adjusted pointers. */
  public int count() {
    return rvas.length;
  }

  /** RVA of an adjusted pointer; they ascend. */
  public long rva(int index) {
    return rvas[index] & 0xffff_ffffL;
  }

  /** False when a part of the table is not readable. */
  public boolean complete() {
    return complete;
  }

  /** Bytes of each pointer: 4 or 8. */
  public int width() {
    return width;
  }

  /** The index of the first pointer that starts at or above an address. */
  int firstFrom(long rva) {
    int i = Arrays.binarySearch(rvas, (int) Math.max(0, Math.min(rva, Integer.MAX_VALUE)));
    return i >= 0 ? i : -i - 1;
  }
}
