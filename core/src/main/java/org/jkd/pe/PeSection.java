// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

/**
 * A section header. Sizes are bytes.
 *
 * @param rva where the section starts in the loaded image
 * @param virtualSize bytes in the loaded image; 0 in some old images, which mean the raw size
 * @param rawOffset where its bytes start in the file
 * @param rawSize bytes in the file; what is missing to the virtual size is zero
 */
public record PeSection(
    String name, long rva, long virtualSize, long rawOffset, long rawSize, long characteristics) {
  private static final long EXECUTE = 0x2000_0000L;
  private static final long CODE = 0x20L;
  private static final long DISCARDABLE = 0x0200_0000L;

  /** Bytes in the loaded image. */
  public long size() {
    return virtualSize != 0 ? virtualSize : rawSize;
  }

  /** True when the address lies inside. */
  public boolean contains(long address) {
    return address >= rva && address - rva < size();
  }

  /** True for sections that hold instructions. */
  public boolean executable() {
    return (characteristics & (EXECUTE | CODE)) != 0;
  }

  /** True for sections that a driver frees after its start, such as {@code INIT}. */
  public boolean discardable() {
    return (characteristics & DISCARDABLE) != 0;
  }
}
