// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

/** The memory of one address space, read through its page tables. */
public final class VirtualMemory implements Memory {
  private final PhysicalMemory physical;
  private final PageTables tables;

  public VirtualMemory(PhysicalMemory physical, PageTables tables) {
    this.physical = physical;
    this.tables = tables;
  }

  /** The page tables of this address space. */
  public PageTables tables() {
    return tables;
  }

  @Override
  public int read(long address, byte[] target, int at, int length) {
    Cancellation.check();
    int done = 0;
    while (done < length) {
      long current = address + done;
      int step = (int) Math.min(0x1000 - (current & 0xfff), length - done);
      long place = tables.translate(current);
      int got = place == PageTables.NONE ? 0 : physical.read(place, target, at + done, step);
      done += got;
      if (got < step || current + step == 0) {
        return done;
      }
    }
    return done;
  }

  @Override
  public Unreadable whyUnreadable(long address) {
    return switch (tables.walk(address).outcome()) {
      case PageWalk.Mapped mapped -> physical.whyUnreadable(mapped.physicalAddress());
      case PageWalk.Unmapped unmapped -> unmapped.reason();
    };
  }

  @Override
  public long after(long missing) {
    PageWalk walk = tables.walk(missing);
    PagingMode mode = tables.mode();
    if (walk.outcome() instanceof PageWalk.Unmapped u
        && u.reason() instanceof Unreadable.NotAnAddress) {
      long half = mode == PagingMode.X64 ? -1L << 47 : -1L << 56;
      return mode.is32Bit() || Long.compareUnsigned(missing, half) >= 0 ? 0 : half;
    }
    // The entry that decided covers this many bytes; where a page is mapped, one page is missing.
    long size =
        walk.outcome() instanceof PageWalk.Mapped
            ? 0x1000
            : 1L << mode.shift(walk.steps().size() - 1);
    long next = (missing | (size - 1)) + 1;
    return mode.is32Bit() && next >>> 32 != 0 ? 0 : next;
  }
}
