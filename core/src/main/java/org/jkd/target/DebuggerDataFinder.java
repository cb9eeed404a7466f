// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;

/**
 * Looks for the debugger data block where the header does not lead to it: behind the processor's
 * control region, then through the kernel image. A find counts only when the block names the same
 * list of modules as the header; dump-formats.md, 3.2.
 */
final class DebuggerDataFinder {
  /** How far the kernel image is searched, bytes. */
  private static final long MAX_SEARCH = 32L << 20;

  private static final int PAGE = 0x1000;

  /** Bytes before the mark in the block. */
  private static final int TAG = DebuggerData.TAG_OFFSET;

  /** Where DBGKD_GET_VERSION64 has the address of the list that leads to the block. */
  private static final int DATA_LIST = 0x20;

  private final KernelCore core;

  DebuggerDataFinder(KernelCore core) {
    this.core = core;
  }

  Optional<DebuggerData> find() {
    return behindControlRegion().or(this::inKernelImage);
  }

  private Optional<DebuggerData> behindControlRegion() {
    OptionalLong region = new ControlRegionFinder(core).find();
    if (region.isEmpty()) {
      return Optional.empty();
    }
    int at = core.arch() == Arch.X86 ? 0x34 : 0x108;
    OptionalLong version = core.reader().pointer(region.getAsLong() + at);
    OptionalLong list =
        version.isPresent() ? core.reader().pointer(version.getAsLong() + DATA_LIST) : version;
    OptionalLong block = list.isPresent() ? core.reader().pointer(list.getAsLong()) : list;
    return block.isPresent() ? accept(block.getAsLong()) : Optional.empty();
  }

  private Optional<DebuggerData> inKernelImage() {
    byte[] page = new byte[PAGE];
    for (LoadedModule module : new ModuleReader(core).loaded()) {
      if (!module.name().equals("nt")) {
        continue;
      }
      long end = module.base() + Math.min(module.size(), MAX_SEARCH);
      for (long at = module.base(); at < end; at += PAGE) {
        int got = core.reader().memory().read(at, page, 0, PAGE);
        for (int i = 0; i + 4 <= got; i += 4) {
          if (page[i] == 'K' && page[i + 1] == 'D' && page[i + 2] == 'B' && page[i + 3] == 'G') {
            Optional<DebuggerData> found = accept(at + i - TAG);
            if (found.isPresent()) {
              return found;
            }
          }
        }
      }
    }
    return Optional.empty();
  }

  private Optional<DebuggerData> accept(long address) {
    OptionalLong list = core.header().loadedModuleList();
    return DebuggerData.read(core.arch(), core.reader(), address)
        .filter(d -> list.isPresent() && d.loadedModuleList().equals(list));
  }
}
