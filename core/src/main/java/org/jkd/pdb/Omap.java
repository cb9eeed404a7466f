// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import org.jkd.image.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * An address map of an image that was reordered after linking (OMAP): ascending pairs of RVAs, each
 * valid up to the next one.
 */
public final class Omap {
  /** 8 bytes each; a kernel has some hundred thousand. */
  private static final long MAX_ENTRIES = 1 << 24;

  private final int[] from;
  private final int[] to;

  private Omap(int[] from, int[] to) {
    this.from = from;
    this.to = to;
  }

  static @Nullable Omap read(Msf msf, int stream, String what) {
    if (!msf.has(stream)) {
      return null;
    }
    MsfStream s = msf.stream(stream, what);
    int n = (int) Math.min(s.size() / 8, MAX_ENTRIES);
    int[] from = new int[n];
    int[] to = new int[n];
    for (int i = 0; i < n; i++) {
      from[i] = s.i32(8L * i);
      to[i] = s.i32(8L * i + 4);
    }
    return new Omap(from, to);
  }

  /** The map in pairs of RVAs that lie one behind the other. */
  public static Omap of(Bytes pairs) {
    int n = (int) Math.min(pairs.size() / 8, MAX_ENTRIES);
    int[] from = new int[n];
    int[] to = new int[n];
    for (int i = 0; i < n; i++) {
      from[i] = pairs.i32(8L * i);
      to[i] = pairs.i32(8L * i + 4);
    }
    return new Omap(from, to);
  }

  /** The number of pairs. */
  public int size() {
    return from.length;
  }

  /** The first address of a pair. */
  public long from(int index) {
    return from[index] & 0xffff_ffffL;
  }

  /** Where the first address of a pair went; 0 or from 0x80000000 when it was thrown out. */
  public long to(int index) {
    return to[index] & 0xffff_ffffL;
  }

  /** The index of the last pair at or below an address; −1 when all are above. */
  public int indexOf(long rva) {
    int low = 0;
    int high = from.length - 1;
    while (low <= high) {
      int mid = (low + high) >>> 1;
      if (from(mid) <= rva) {
        low = mid + 1;
      } else {
        high = mid - 1;
      }
    }
    return high;
  }

  /** Where an address went; −1 when it is in none of the pairs or was thrown out. */
  public long map(long rva) {
    int i = indexOf(rva);
    return i < 0 || thrownOut(i) ? -1 : to(i) + (rva - from(i));
  }

  /** True when a pair leads nowhere: 0 in images of Microsoft, 0x80000000 in those of Syzygy. */
  private boolean thrownOut(int index) {
    return to[index] <= 0;
  }
}
