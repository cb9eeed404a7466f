// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** FPO_DATA records (winnt.h) in file order, read in place. Addresses are before OMAP. */
public final class FpoTable {
  static final FpoTable NONE = new FpoTable(null, 0);

  private static final int RECORD = 16;

  private final @Nullable MsfStream stream;
  private final int count;

  /**
   * A record; sizes in the file's units.
   *
   * @param localDwords dwords of locals
   * @param parameterDwords dwords of parameters
   * @param prolog bytes
   * @param savedRegisters number
   * @param frame 0 FPO, 1 trap, 2 task gate, 3 non-FPO
   */
  public record Entry(
      long sourceRva,
      long size,
      long localDwords,
      int parameterDwords,
      int prolog,
      int savedRegisters,
      boolean hasSeh,
      boolean usesBp,
      int frame) {}

  private FpoTable(@Nullable MsfStream stream, int count) {
    this.stream = stream;
    this.count = count;
  }

  static FpoTable read(Msf msf, int index) {
    if (!msf.has(index)) {
      return NONE;
    }
    MsfStream s = msf.stream(index, "FPO records");
    return new FpoTable(s, (int) (s.size() / RECORD));
  }

  /** The number of records. */
  public int count() {
    return count;
  }

  /** A record. */
  public Entry entry(int index) {
    MsfStream s = Objects.requireNonNull(stream);
    long p = (long) index * RECORD;
    int bits = s.u16(p + 14);
    return new Entry(
        s.u32(p),
        s.u32(p + 4),
        s.u32(p + 8),
        s.u16(p + 12),
        bits & 0xff,
        bits >>> 8 & 7,
        (bits >>> 11 & 1) != 0,
        (bits >>> 12 & 1) != 0,
        bits >>> 14);
  }
}
