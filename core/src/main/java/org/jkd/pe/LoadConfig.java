// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import java.util.Optional;
import org.jkd.image.Bytes;

/**
 * The leading part of IMAGE_LOAD_CONFIG_DIRECTORY. Pointers are RVAs, 0 where the image has none or
 * its directory is too short to say.
 *
 * @param securityCookie RVA of {@code __security_cookie}
 * @param safeSehTable RVA of the table of registered handlers (x86), an array of RVAs
 * @param safeSehCount entries of that table
 */
public record LoadConfig(long size, long securityCookie, long safeSehTable, long safeSehCount) {
  private static final int MAX_SIZE = 0x400;

  static Optional<LoadConfig> read(PeImage image) {
    PeImage.Range range = image.directory(PeImage.Directory.LOAD_CONFIG);
    if (!range.present()) {
      return Optional.empty();
    }
    Bytes b = image.available("load configuration", range.rva(), MAX_SIZE);
    if (b.size() < 4) {
      return Optional.empty();
    }
    // The directory's size field lies in old images (always 0x40 on x86 before Windows 8).
    long size = Math.min(b.u32(0), b.size());
    return Optional.of(
        image.is64()
            ? new LoadConfig(
                size,
                pointer(image, b, 88, 8, size),
                pointer(image, b, 96, 8, size),
                plain(b, 104, 8, size))
            : new LoadConfig(
                size,
                pointer(image, b, 60, 4, size),
                pointer(image, b, 64, 4, size),
                plain(b, 68, 4, size)));
  }

  private static long plain(Bytes b, int at, int width, long size) {
    if (at + width > size || !b.has(at, width)) {
      return 0;
    }
    return width == 8 ? b.u64(at) : b.u32(at);
  }

  private static long pointer(PeImage image, Bytes b, int at, int width, long size) {
    long value = plain(b, at, width, size);
    if (value == 0) {
      return 0;
    }
    // A loaded image holds relocated pointers, a file those for the base that the linker chose.
    for (long base : new long[] {image.loaded() ? image.loadedBase() : 0, image.imageBase()}) {
      long rva = value - base;
      if (base != 0 && rva > 0 && rva < image.sizeOfImage()) {
        return rva;
      }
    }
    return 0;
  }

  /** True when the address is the start of a registered exception handler (x86). */
  public boolean isSafeHandler(PeImage image, long rva) {
    long low = 0;
    long high = Math.min(safeSehCount, image.sizeOfImage() / 4) - 1;
    while (safeSehTable != 0 && low <= high) {
      long mid = (low + high) >>> 1;
      Bytes entry = image.available("handler table", safeSehTable + 4 * mid, 4);
      if (entry.size() < 4) {
        return false;
      }
      long at = entry.u32(0);
      if (at == rva) {
        return true;
      }
      if (at < rva) {
        low = mid + 1;
      } else {
        high = mid - 1;
      }
    }
    return false;
  }
}
