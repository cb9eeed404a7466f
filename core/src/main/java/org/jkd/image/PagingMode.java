// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.List;
import org.jkd.image.Unreadable.Level;

/** How a processor's page tables are laid out; dump-formats.md, 2.1 to 2.3. */
public enum PagingMode {
  /** x86 without PAE: two levels, 4-byte entries. */
  X86(2),
  /** x86 with PAE: three levels, 8-byte entries, a first table of four. */
  PAE(3),
  /** x64 with four levels. */
  X64(4),
  /** x64 with five levels (LA57). */
  X64_5(5);

  private static final List<Level> LEVELS = List.of(Level.values());

  private final int depth;

  PagingMode(int depth) {
    this.depth = depth;
  }

  /** Bytes of an entry: 4 or 8. */
  public int entrySize() {
    return this == X86 ? 4 : 8;
  }

  /** True for the modes of 32-bit systems. */
  public boolean is32Bit() {
    return this == X86 || this == PAE;
  }

  /** Where Windows maps the page tables into themselves when the dump does not say otherwise. */
  public long defaultPteBase() {
    return is32Bit() ? 0xc000_0000L : 0xffff_f680_0000_0000L;
  }

  /** The levels, outermost first. */
  public List<Level> levels() {
    return LEVELS.subList(LEVELS.size() - depth, LEVELS.size());
  }

  /** How many levels there are. */
  public int depth() {
    return depth;
  }

  /** The name of a level, counted from the outermost, which is 0. */
  Level level(int level) {
    return LEVELS.get(LEVELS.size() - depth + level);
  }

  /** The number of address bits that one entry of a level covers. */
  int shift(int level) {
    int fromLast = depth - 1 - level;
    return 12 + fromLast * (this == X86 ? 10 : 9);
  }

  /** Which entry of a level's table an address uses. */
  long index(int level, long address) {
    int bits = this == X86 ? 10 : this == PAE && level == 0 ? 2 : 9;
    return address >>> shift(level) & ((1L << bits) - 1);
  }

  /** True when an address can exist at all. */
  boolean isAddress(long address) {
    return switch (this) {
      case X86, PAE -> address >>> 32 == 0;
      case X64 -> address << 16 >> 16 == address;
      case X64_5 -> address << 7 >> 7 == address;
    };
  }

  /** The physical address of the first table, from the value of CR3. */
  long root(long directoryTableBase) {
    return switch (this) {
      case X86 -> directoryTableBase & 0xffff_f000L;
      case PAE -> directoryTableBase & 0xffff_ffe0L;
      case X64, X64_5 -> directoryTableBase & 0x000f_ffff_ffff_f000L;
    };
  }

  /** The physical address of the page or table that a valid entry points to. */
  long frame(long entry) {
    return this == X86 ? entry & 0xffff_f000L : entry & 0x000f_ffff_ffff_f000L;
  }
}
