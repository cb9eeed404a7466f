// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.image.Memory;
import org.jkd.image.PhysicalMemory;
import org.jkd.image.Unreadable;

/** Physical memory in the form in which commands read memory. */
record PhysicalView(PhysicalMemory physical) implements Memory {
  @Override
  public int read(long address, byte[] target, int at, int length) {
    return physical.read(address, target, at, length);
  }

  @Override
  public Unreadable whyUnreadable(long address) {
    return physical.whyUnreadable(address);
  }

  @Override
  public long after(long missing) {
    return (missing | (PhysicalMemory.PAGE_SIZE - 1)) + 1;
  }
}
