// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.image.PageWalk.Mapped;
import org.jkd.image.PageWalk.Outcome;
import org.jkd.image.PageWalk.Step;
import org.jkd.image.PageWalk.Unmapped;
import org.jkd.image.PageWalk.Via;
import org.jkd.image.Unreadable.Level;
import org.jspecify.annotations.Nullable;

/**
 * One address space: translates virtual to physical addresses as the processor and the memory
 * manager do, for valid, large, transition and prototype entries.
 *
 * <p>Translations are cached, a fixed number of them; safe for use from several threads.
 */
public final class PageTables {
  /** The answer of {@link #translate} for an address without a physical page. */
  public static final long NONE = -1;

  /** Bytes below this many entries of 4 KB pages are remembered. */
  private static final int CACHE_ENTRIES = 8192;

  /** A prototype PTE may lie in a page that is itself reached through one; not much deeper. */
  private static final int MAX_PROTOTYPE_DEPTH = 3;

  /** Bit 45: set in frame numbers of absent entries against L1TF, builds 17134 and later. */
  private static final long L1TF_BIT = 1L << 45;

  /**
   * What a system says about its own tables.
   *
   * @param pteBase where the tables are mapped into themselves
   * @param prototypeBase what prototype addresses of x86 without PAE are relative to
   */
  public record Settings(long pteBase, long prototypeBase) {
    /** The fixed places of the systems that have fixed places. */
    public static Settings of(PagingMode mode) {
      return new Settings(mode.defaultPteBase(), 0xe100_0000L);
    }
  }

  private record Cached(long page, long physical) {}

  private final PhysicalMemory physical;
  private final PagingMode mode;
  private final long root;
  private final Settings settings;
  private final Cached[] cache = new Cached[CACHE_ENTRIES];

  /**
   * @param directoryTableBase the value of CR3
   */
  public PageTables(
      PhysicalMemory physical, PagingMode mode, long directoryTableBase, Settings settings) {
    this.physical = physical;
    this.mode = mode;
    this.root = mode.root(directoryTableBase);
    this.settings = settings;
  }

  /** The layout of the tables. */
  public PagingMode mode() {
    return mode;
  }

  /** The physical address of the outermost table. */
  public long root() {
    return root;
  }

  /** The physical address of a byte, or {@link #NONE}. */
  public long translate(long address) {
    long page = address >>> 12;
    int slot = (int) ((page ^ page >>> 13) & (CACHE_ENTRIES - 1));
    Cached cached = cache[slot];
    if (cached != null && cached.page == page) {
      return cached.physical | address & 0xfff;
    }
    if (!(walk(address, 0, null) instanceof Mapped mapped)) {
      return NONE;
    }
    cache[slot] = new Cached(page, mapped.physicalAddress() & ~0xfffL);
    return mapped.physicalAddress();
  }

  /** The way through the tables, entry by entry. */
  public PageWalk walk(long address) {
    List<Step> steps = new ArrayList<>();
    Outcome outcome = walk(address, 0, steps);
    return new PageWalk(address, mode, List.copyOf(steps), outcome);
  }

  private Outcome walk(long address, int depth, @Nullable List<Step> steps) {
    if (!mode.isAddress(address)) {
      return new Unmapped(new Unreadable.NotAnAddress());
    }
    long table = root;
    int last = mode.depth() - 1;
    for (int level = 0; ; level++) {
      Level name = mode.level(level);
      long place = table + mode.index(level, address) * mode.entrySize();
      OptionalLong read = physical.number(place, mode.entrySize());
      if (steps != null) {
        steps.add(new Step(name, entryAddress(level, address), place, read));
      }
      if (read.isEmpty()) {
        return new Unmapped(
            physical.whyUnreadable(place) instanceof Unreadable.FileEnds ends
                ? ends
                : new Unreadable.TableNotCaptured(name, place));
      }
      long entry = read.getAsLong();
      if ((entry & 1) == 0) {
        Outcome outcome = software(name, entry, address, depth);
        if (level == last || !(outcome instanceof Mapped mapped)) {
          return outcome;
        }
        table = mapped.physicalAddress() & ~0xfffL;
        continue;
      }
      if (level == last) {
        return new Mapped(mode.frame(entry) | address & 0xfff, 0x1000, Via.VALID);
      }
      if ((entry & 0x80) != 0 && mayBeLarge(name)) {
        return large(level, entry, address);
      }
      table = mode.frame(entry);
    }
  }

  private boolean mayBeLarge(Level level) {
    return level == Level.PDE || level == Level.PPE && !mode.is32Bit();
  }

  private Outcome large(int level, long entry, long address) {
    long size = 1L << mode.shift(level);
    long base = mode.frame(entry) & -size;
    if (mode == PagingMode.X86) {
      // PSE-36: bits 13 to 20 of the entry are bits 32 to 39 of the address.
      base = entry & 0xffc0_0000L | (entry >>> 13 & 0xff) << 32;
    }
    return new Mapped(base | address & (size - 1), size, Via.LARGE);
  }

  /** What an entry means that the processor does not accept; dump-formats.md, 2.4. */
  private Outcome software(Level level, long entry, long address, int depth) {
    boolean transition = (entry & 0x800) != 0;
    boolean prototype = (entry & 0x400) != 0;
    if (prototype && level == Level.PTE) {
      return prototype(entry, address, depth);
    }
    if (transition && !prototype) {
      return new Mapped(transitionFrame(entry) | address & 0xfff, 0x1000, Via.TRANSITION);
    }
    if (entry == 0 || level != Level.PTE) {
      return new Unmapped(new Unreadable.NotPresent(level, entry));
    }
    long pageOffset = mode == PagingMode.X86 ? entry >>> 12 : entry >>> 32;
    return new Unmapped(
        pageOffset == 0
            ? new Unreadable.DemandZero(entry)
            : new Unreadable.PagedOut((int) (entry >>> 1 & 0xf), pageOffset));
  }

  private long transitionFrame(long entry) {
    if (mode == PagingMode.X86) {
      return entry & 0xffff_f000L;
    }
    long frame = entry & 0x0000_ffff_ffff_f000L;
    if ((frame & L1TF_BIT) != 0
        && !(physical.whyUnreadable(frame) instanceof Unreadable.IsReadable)) {
      return frame & ~L1TF_BIT;
    }
    return frame;
  }

  private Outcome prototype(long entry, long address, int depth) {
    long place =
        switch (mode) {
          case X86 -> settings.prototypeBase + ((entry >>> 11 << 9) | (entry & 0xfe) << 1);
          case PAE -> entry >>> 32;
          case X64, X64_5 -> entry >> 16;
        };
    boolean inVad =
        switch (mode) {
          case X86 -> entry >>> 11 == 0x1f_ffff;
          case PAE -> place == 0xffff_ffffL;
          case X64, X64_5 -> (place & 0xffff_ffff_ffffL) == 0xffff_ffff_0000L || place == -0x10000;
        };
    if (inVad) {
      return new Unmapped(
          new Unreadable.Prototype(entry, "only the process's VAD tells its place"));
    }
    if (depth >= MAX_PROTOTYPE_DEPTH) {
      return new Unmapped(new Unreadable.Prototype(entry, "it leads to ever more prototypes"));
    }
    OptionalLong read =
        walk(place & (mode.is32Bit() ? 0xffff_ffffL : -1L), depth + 1, null) instanceof Mapped at
            ? physical.number(at.physicalAddress(), mode.entrySize())
            : OptionalLong.empty();
    if (read.isEmpty()) {
      return new Unmapped(
          new Unreadable.Prototype(
              entry, "the entry at " + Long.toHexString(place) + " cannot be read"));
    }
    long real = read.getAsLong();
    if ((real & 1) != 0) {
      return new Mapped(mode.frame(real) | address & 0xfff, 0x1000, Via.PROTOTYPE);
    }
    if ((real & 0x400) != 0) {
      return new Unmapped(
          new Unreadable.Prototype(entry, "the page is in a mapped file, not in memory"));
    }
    return switch (software(Level.PTE, real, address, depth + 1)) {
      case Mapped mapped -> new Mapped(mapped.physicalAddress(), 0x1000, Via.PROTOTYPE);
      case Unmapped unmapped -> unmapped;
    };
  }

  /**
   * Where the system sees the entry of an address at a level: the tables appear in the address
   * space as if the entry's page were an address's data. Empty for the first table of PAE.
   *
   * @param level counted from the outermost, which is 0
   */
  public OptionalLong entryAddress(int level, long address) {
    if (mode == PagingMode.PAE && level == 0) {
      return OptionalLong.empty();
    }
    long current = address;
    for (int up = mode.depth() - 1; up >= level; up--) {
      long number = current >>> 12;
      number &=
          switch (mode) {
            case X86, PAE -> 0xf_ffffL;
            case X64 -> 0xf_ffff_ffffL;
            case X64_5 -> 0x1fff_ffff_ffffL;
          };
      current = settings.pteBase + number * mode.entrySize();
    }
    return OptionalLong.of(current);
  }
}
