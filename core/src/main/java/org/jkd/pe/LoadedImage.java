// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import org.jkd.image.Memory;
import org.jkd.image.Unreadable;

/**
 * An image file as the memory that it occupies at a base: sections at their addresses, pointers
 * relocated. This is what the code of a module was when the loader had finished; slots of the
 * import address table and written data are as in the file.
 */
public final class LoadedImage implements Memory {
  private final PeImage image;
  private final long base;
  private final Relocations relocations;
  private final long delta;

  LoadedImage(PeImage image, long base) {
    this.image = image;
    this.base = base;
    this.relocations = image.relocations();
    this.delta = base - (image.loaded() ? image.loadedBase() : image.imageBase());
  }

  /** The first address. */
  public long base() {
    return base;
  }

  /** The image that it was made of. */
  public PeImage image() {
    return image;
  }

  @Override
  public int read(long address, byte[] target, int at, int length) {
    long rva = address - base;
    if (rva < 0 || rva >= image.sizeOfImage()) {
      return 0;
    }
    int got = image.read(rva, target, at, (int) Math.min(length, image.sizeOfImage() - rva));
    if (delta != 0 && got > 0) {
      relocate(rva, target, at, got);
    }
    return got;
  }

  private void relocate(long rva, byte[] target, int at, int length) {
    int width = relocations.width();
    for (int i = relocations.firstFrom(rva - width + 1);
        i < relocations.count() && relocations.rva(i) < rva + length;
        i++) {
      long where = relocations.rva(i);
      byte[] pointer = new byte[width];
      if (image.read(where, pointer, 0, width) < width) {
        continue;
      }
      long value = 0;
      for (int b = width - 1; b >= 0; b--) {
        value = value << 8 | (pointer[b] & 0xff);
      }
      value += delta;
      for (int b = 0; b < width; b++) {
        long place = where + b - rva;
        if (place >= 0 && place < length) {
          target[at + (int) place] = (byte) (value >>> 8 * b);
        }
      }
    }
  }

  @Override
  public Unreadable whyUnreadable(long address) {
    byte[] one = new byte[1];
    return read(address, one, 0, 1) == 1 ? new Unreadable.IsReadable() : new Unreadable.NoBlock();
  }
}
