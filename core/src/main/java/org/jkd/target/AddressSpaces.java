// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.dump.DumpHeader;
import org.jkd.image.LayeredMemory;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;
import org.jkd.image.PageTables;
import org.jkd.image.PagingMode;
import org.jkd.image.PhysicalMemory;
import org.jkd.image.VirtualMemory;

/** The address spaces of a dump of physical pages, one for each value of CR3. */
final class AddressSpaces {
  private final PhysicalMemory physical;
  private final PagingMode mode;
  private final PageTables.Settings settings;

  AddressSpaces(PhysicalMemory physical, PagingMode mode, PageTables.Settings settings) {
    this.physical = physical;
    this.mode = mode;
    this.settings = settings;
  }

  PhysicalMemory physical() {
    return physical;
  }

  PagingMode mode() {
    return mode;
  }

  PageTables tables(long directoryTableBase) {
    return new PageTables(physical, mode, directoryTableBase, settings);
  }

  VirtualMemory memory(long directoryTableBase) {
    return new VirtualMemory(physical, tables(directoryTableBase));
  }

  /** Several address spaces, asked in order; equal ones only once. */
  Memory memory(List<Long> directoryTableBases) {
    List<Long> roots = new ArrayList<>();
    List<Memory> layers = new ArrayList<>();
    for (long base : directoryTableBases) {
      VirtualMemory memory = memory(base);
      if (!roots.contains(memory.tables().root())) {
        roots.add(memory.tables().root());
        layers.add(memory);
      }
    }
    return layers.size() == 1 ? layers.getFirst() : new LayeredMemory(layers);
  }

  /** With what the debugger data says about the place of the page tables. */
  AddressSpaces with(DebuggerData data) {
    OptionalLong pteBase =
        mode.is32Bit() ? OptionalLong.empty() : data.address(DebuggerData.PTE_BASE);
    return new AddressSpaces(
        physical,
        mode,
        new PageTables.Settings(pteBase.orElse(settings.pteBase()), settings.prototypeBase()));
  }

  /**
   * Chooses the layout of the page tables: each that the machine can have is tried on addresses
   * that the header names, and the one under which they make most sense wins. The header's flag
   * decides only between equals, because some writers leave it wrong.
   */
  static AddressSpaces choose(DumpHeader header, PhysicalMemory physical, List<String> notes) {
    List<PagingMode> modes =
        switch (header.format()) {
          case PAGEDUMP ->
              header.paeEnabled().orElse(0) == 1
                  ? List.of(PagingMode.PAE, PagingMode.X86)
                  : List.of(PagingMode.X86, PagingMode.PAE);
          case PAGEDU64 -> List.of(PagingMode.X64, PagingMode.X64_5);
        };
    AddressSpaces best = of(modes.getFirst(), physical);
    int bestScore = best.score(header);
    for (PagingMode mode : modes.subList(1, modes.size())) {
      AddressSpaces spaces = of(mode, physical);
      int score = spaces.score(header);
      if (score > bestScore) {
        best = spaces;
        bestScore = score;
      }
    }
    if (bestScore == 0) {
      notes.add("no address of the header can be translated: the page tables are not in the dump");
    } else if (best.mode != modes.getFirst()) {
      notes.add("the page tables are those of " + best.mode + ", against what the header says");
    }
    return best;
  }

  private static AddressSpaces of(PagingMode mode, PhysicalMemory physical) {
    return new AddressSpaces(physical, mode, PageTables.Settings.of(mode));
  }

  private int score(DumpHeader header) {
    MemoryReader reader =
        new MemoryReader(
            memory(header.directoryTableBase().orElse(0)), header.format().pointerSize());
    int score = roundTrip(reader, header.loadedModuleList());
    score += roundTrip(reader, header.activeProcessHead());
    if (header.debuggerData().isPresent()) {
      long address = header.debuggerData().getAsLong();
      OptionalLong tag = reader.u32(address + DebuggerData.TAG_OFFSET);
      score += tag.isEmpty() ? 0 : tag.getAsLong() == DebuggerData.TAG ? 4 : 1;
    }
    return score;
  }

  /** A list head is believed when its first entry points back to it. */
  private static int roundTrip(MemoryReader reader, OptionalLong head) {
    if (head.isEmpty()) {
      return 0;
    }
    OptionalLong first = reader.pointer(head.getAsLong());
    if (first.isEmpty()) {
      return 0;
    }
    OptionalLong back = reader.pointer(first.getAsLong() + reader.pointerSize());
    return back.isPresent() && back.getAsLong() == head.getAsLong() ? 4 : 1;
  }
}
