// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

/** The two containers of kernel dumps. */
public enum DumpFormat {
  /** {@code PAGEDUMP}: 32-bit systems, a header of one page. */
  PAGEDUMP(0x1000, 4),
  /** {@code PAGEDU64}: 64-bit systems, a header of two pages. */
  PAGEDU64(0x2000, 8);

  private final int headerSize;
  private final int pointerSize;

  DumpFormat(int headerSize, int pointerSize) {
    this.headerSize = headerSize;
    this.pointerSize = pointerSize;
  }

  /** Bytes of the header; what follows depends on the type. */
  public int headerSize() {
    return headerSize;
  }

  /** Bytes of a pointer in the header: 4 or 8. */
  public int pointerSize() {
    return pointerSize;
  }
}
