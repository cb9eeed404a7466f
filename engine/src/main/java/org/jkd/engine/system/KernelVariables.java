// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.Map;

/**
 * Variables of the kernel whose addresses the debugger data block gives, so that they are found
 * without symbols: name to offset in the block (dump-formats.md, 3).
 */
final class KernelVariables {
  private static final Map<String, Integer> OFFSETS =
      Map.ofEntries(
          Map.entry("PsActiveProcessHead", 0x50),
          Map.entry("PspCidTable", 0x58),
          Map.entry("ExpSystemResourcesList", 0x60),
          Map.entry("KeTimeIncrement", 0x78),
          Map.entry("ObpRootDirectoryObject", 0x98),
          Map.entry("ObpTypeObjectType", 0xa0),
          Map.entry("MmHighestPhysicalPage", 0xf0),
          Map.entry("MmNumberOfPhysicalPages", 0xf8),
          Map.entry("MmMaximumNonPagedPoolInBytes", 0x100),
          Map.entry("MmNonPagedPoolStart", 0x110),
          Map.entry("MmNonPagedPoolEnd", 0x118),
          Map.entry("MmPagedPoolStart", 0x120),
          Map.entry("MmPagedPoolEnd", 0x128),
          Map.entry("MmSizeOfPagedPoolInBytes", 0x140),
          Map.entry("MmTotalCommitLimit", 0x148),
          Map.entry("MmTotalCommittedPages", 0x150),
          Map.entry("MmSharedCommit", 0x158),
          Map.entry("MmDriverCommit", 0x160),
          Map.entry("MmProcessCommit", 0x168),
          Map.entry("MmPagedPoolCommit", 0x170),
          Map.entry("MmAvailablePages", 0x1a8),
          Map.entry("MmResidentAvailablePages", 0x1b0),
          Map.entry("PoolTrackTable", 0x1b8),
          Map.entry("MmHighestUserAddress", 0x1c8),
          Map.entry("MmSystemRangeStart", 0x1d0),
          Map.entry("MmAllocatedNonPagedPool", 0x250),
          Map.entry("MmPeakCommitment", 0x258),
          Map.entry("MmTotalCommitLimitMaximum", 0x260));

  private KernelVariables() {}

  /** The offset of the field with the variable's address; -1 if the block has none. */
  static int offset(String name) {
    return OFFSETS.getOrDefault(name, -1);
  }
}
