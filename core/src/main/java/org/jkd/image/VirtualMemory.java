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
}
