// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;

/**
 * Finds the first processor's control region without symbols or debugger data: at its classic place
 * on x86, and otherwise by the pointers to itself that it holds, inside the kernel image.
 */
final class ControlRegionFinder {
  /** Where x86 systems up to 2003 have the region of the first processor. */
  private static final long CLASSIC_X86 = 0xffdf_f000L;

  /** How far the kernel image is searched, bytes. */
  private static final long MAX_SEARCH = 32L << 20;

  private static final int STEP = 16;
  private static final int PAGE = 0x1000;

  private final KernelCore core;

  ControlRegionFinder(KernelCore core) {
    this.core = core;
  }

  OptionalLong find() {
    if (core.arch() == Arch.X86 && isRegion(CLASSIC_X86)) {
      return OptionalLong.of(CLASSIC_X86);
    }
    if (core.arch() == Arch.ARM64) {
      return OptionalLong.empty();
    }
    for (LoadedModule module : new ModuleReader(core).loaded()) {
      if (module.name().equals("nt")) {
        return search(module.base(), module.base() + Math.min(module.size(), MAX_SEARCH));
      }
    }
    return OptionalLong.empty();
  }

  private OptionalLong search(long from, long to) {
    byte[] page = new byte[PAGE];
    int self = core.arch() == Arch.X86 ? 0x1c : 0x18;
    for (long at = from; at < to; at += PAGE) {
      int got = core.reader().memory().read(at, page, 0, PAGE);
      for (int i = 0; i + STEP <= got; i += STEP) {
        // Cheap test first: the low half of a pointer to itself, which may lie in the next page.
        int place = i + self;
        if (place + 4 <= got && low(page, place) != (int) (at + i)) {
          continue;
        }
        if (isRegion(at + i)) {
          return OptionalLong.of(at + i);
        }
      }
    }
    return OptionalLong.empty();
  }

  private static int low(byte[] page, int at) {
    return page[at] & 0xff
        | (page[at + 1] & 0xff) << 8
        | (page[at + 2] & 0xff) << 16
        | page[at + 3] << 24;
  }

  /** True when the region points to itself, to its block, and the block to a thread. */
  private boolean isRegion(long address) {
    int pointer = core.arch().pointerSize();
    int self = core.arch() == Arch.X86 ? 0x1c : 0x18;
    OptionalInt inner = core.layout().offset(KernelField.PCR_PRCB);
    if (inner.isEmpty()
        || !core.reader().pointer(address + self).equals(OptionalLong.of(address))) {
      return false;
    }
    long prcb = address + inner.getAsInt();
    if (!core.reader().pointer(address + self + pointer).equals(OptionalLong.of(prcb))) {
      return false;
    }
    OptionalLong thread = core.pointer(prcb, KernelField.PRCB_CURRENT_THREAD);
    return thread.isPresent() && core.isSystemAddress(thread.getAsLong());
  }
}
