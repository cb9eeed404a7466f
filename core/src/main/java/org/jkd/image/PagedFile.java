// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.OptionalLong;

/** Physical memory whose pages lie in a mapped file, wherever a {@link PageIndex} says. */
public final class PagedFile implements PhysicalMemory {
  private final Bytes file;
  private final PageIndex index;

  public PagedFile(Bytes file, PageIndex index) {
    this.file = file;
    this.index = index;
  }

  /** Where the pages lie. */
  public PageIndex index() {
    return index;
  }

  @Override
  public int read(long address, byte[] target, int at, int length) {
    int done = 0;
    while (done < length) {
      long current = address + done;
      int inPage = (int) (current & (PAGE_SIZE - 1));
      long offset = place(current);
      if (offset < 0) {
        return done;
      }
      long left = Math.min(PAGE_SIZE - inPage, file.size() - offset);
      if (left <= 0) {
        return done;
      }
      int count = (int) Math.min(left, length - done);
      file.copy(offset, target, at + done, count);
      done += count;
      if (count < PAGE_SIZE - inPage && done < length) {
        return done;
      }
    }
    return done;
  }

  @Override
  public OptionalLong number(long address, int size) {
    long offset = place(address);
    if (offset < 0 || !file.has(offset, size)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(size == 4 ? file.u32(offset) : file.u64(offset));
  }

  @Override
  public Unreadable whyUnreadable(long address) {
    long offset = place(address);
    if (offset < 0) {
      return new Unreadable.NotCaptured(address);
    }
    return offset < file.size() ? new Unreadable.IsReadable() : new Unreadable.FileEnds(offset);
  }

  private long place(long address) {
    long page = index.fileOffset(address >>> 12);
    return page < 0 ? PageIndex.ABSENT : page + (address & (PAGE_SIZE - 1));
  }
}
