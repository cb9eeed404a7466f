// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds page tables over pages of virtual memory: x86 with two levels, x86 with physical address
 * extension, x64 with four or five levels. Each address space gets its own root and the self-map of
 * Windows; the kernel's last-level tables are shared.
 */
public final class PageTables {
  /** A paging mode of the processor. */
  public enum Mode {
    /** 4-byte entries, two levels. */
    X86(4, 10, "22 12", 0x8000_0000L),
    /** 8-byte entries, four directories under a table of four pointers. */
    PAE(8, 9, "30 21 12", 0x8000_0000L),
    /** 8-byte entries, four levels. */
    X64(8, 9, "39 30 21 12", 0x8000_0000_0000_0000L),
    /** 8-byte entries, five levels. */
    X64_FIVE(8, 9, "48 39 30 21 12", 0x8000_0000_0000_0000L);

    private final int entry;
    private final int bits;
    private final String shifts;
    private final long systemStart;

    Mode(int entry, int bits, String shifts, long systemStart) {
      this.entry = entry;
      this.bits = bits;
      this.shifts = shifts;
      this.systemStart = systemStart;
    }
  }

  private static final long PRESENT = 0x1;
  private static final long WRITABLE = 0x2;
  private static final long USER = 0x4;
  private static final long ACCESSED_DIRTY = 0x60;
  private static final long LARGE = 0x80;
  private static final long GLOBAL = 0x100;
  private static final long TRANSITION = 0x800;

  private final Mode mode;
  private final List<Integer> shifts;
  private final PhysicalMemory memory;
  private final long userFrames;
  private final Map<Long, byte[]> kernelTables = new HashMap<>();
  private final Map<Long, Long> kernelFrames = new HashMap<>();
  private final IdentityHashMap<byte[], Long> frameOf = new IdentityHashMap<>();
  private final Map<Long, Long> largeFrames = new HashMap<>();
  private final Map<Long, Long> special = new HashMap<>();

  /**
   * Tables and pages are stored in {@code memory}.
   *
   * @param userFrames where pages of user space go; may be above 4 GB in all modes but x86
   */
  public PageTables(Mode mode, PhysicalMemory memory, long userFrames) {
    this.mode = mode;
    shifts = Arrays.stream(mode.shifts.split(" ")).map(Integer::valueOf).toList();
    this.memory = memory;
    this.userFrames = userFrames;
  }

  /** Gives the entry of a page by hand: a demand-zero, page-file or other software entry. */
  public void entry(long address, long value) {
    special.put(address & -VirtualMemory.PAGE, value);
  }

  /** Stores a page in a frame that its entry calls "in transition": not valid, still in memory. */
  public void transition(long address, byte[] page) {
    entry(address, memory.add(page) << 12 | TRANSITION | 0x80);
  }

  /** Places the kernel's pages; call once, before the first {@link #space}. */
  public void kernel(VirtualMemory kernel) {
    kernel.pages().forEach((address, page) -> kernelFrames.put(address, memory.add(page)));
  }

  /**
   * Places pages of the kernel under large-page entries; call before {@link #kernel} and take the
   * pages out of its argument.
   *
   * @param address start of the large page, a multiple of {@link #largeSize}
   */
  public void largePage(long address, VirtualMemory content) {
    long count = largeSize() / VirtualMemory.PAGE;
    memory.skipTo((memory.next() + count - 1) / count * count);
    largeFrames.put(address, memory.next());
    for (long i = 0; i < count; i++) {
      byte[] page = content.pages().get(address + i * VirtualMemory.PAGE);
      memory.add(page == null ? new byte[VirtualMemory.PAGE] : page);
    }
  }

  /** Bytes that a large-page entry of the last directory covers. */
  public long largeSize() {
    return 1L << shifts.get(shifts.size() - 2);
  }

  /**
   * Builds the tables of one process.
   *
   * @return the value for the page directory base register
   */
  public long space(VirtualMemory user) {
    byte[] root = new byte[VirtualMemory.PAGE];
    long rootFrame = place(root);
    if (mode == Mode.PAE) {
      for (int i = 0; i < 4; i++) {
        put(root, i, place(new byte[VirtualMemory.PAGE]) << 12 | PRESENT);
      }
    }
    selfMap(root, rootFrame);
    kernelFrames.forEach((address, frame) -> map(root, address, kernelEntry(frame)));
    largeFrames.forEach((address, frame) -> mapLarge(root, address, frame));
    user.pages()
        .forEach((address, page) ->
            map(
                root,
                address,
                memory.add(page, userFrames) << 12 | PRESENT | WRITABLE | USER | ACCESSED_DIRTY));
    special.forEach((address, value) -> map(root, address, value));
    return rootFrame << 12;
  }

  private static long kernelEntry(long frame) {
    return frame << 12 | PRESENT | WRITABLE | ACCESSED_DIRTY | GLOBAL;
  }

  private void selfMap(byte[] root, long rootFrame) {
    long flags = PRESENT | WRITABLE | ACCESSED_DIRTY;
    switch (mode) {
      case X86 -> put(root, 0x300, rootFrame << 12 | flags);
      case PAE -> {
        byte[] last = table(get(root, 3));
        for (int i = 0; i < 4; i++) {
          put(last, i, get(root, i) | flags);
        }
      }
      case X64, X64_FIVE -> put(root, 0x1ed, rootFrame << 12 | flags);
    }
  }

  private void map(byte[] root, long address, long entry) {
    int levels = shifts.size();
    byte[] table = root;
    for (int level = 0; level < levels - 1; level++) {
      table = below(table, level, address);
    }
    put(table, index(levels - 1, address), entry);
  }

  private void mapLarge(byte[] root, long address, long frame) {
    int levels = shifts.size();
    byte[] table = root;
    for (int level = 0; level < levels - 2; level++) {
      table = below(table, level, address);
    }
    put(table, index(levels - 2, address), kernelEntry(frame) | LARGE);
  }

  private byte[] below(byte[] table, int level, long address) {
    int index = index(level, address);
    long entry = get(table, index);
    if ((entry & PRESENT) != 0) {
      return table(entry);
    }
    boolean kernel = Long.compareUnsigned(address, mode.systemStart) >= 0;
    boolean shared = kernel && level == shifts.size() - 2;
    long key = address >>> shifts.get(level);
    byte[] made =
        shared
            ? kernelTables.computeIfAbsent(key, any -> new byte[VirtualMemory.PAGE])
            : new byte[VirtualMemory.PAGE];
    long flags = PRESENT | WRITABLE | ACCESSED_DIRTY | (kernel ? 0 : USER);
    put(table, index, place(made) << 12 | flags);
    return made;
  }

  private long place(byte[] table) {
    return frameOf.computeIfAbsent(table, memory::add);
  }

  private byte[] table(long entry) {
    byte[] page = memory.pages().get((entry & 0xf_ffff_ffff_f000L) >>> 12);
    if (page == null) {
      throw new IllegalStateException("no such table: " + Long.toHexString(entry));
    }
    return page;
  }

  private int index(int level, long address) {
    return (int) (address >>> shifts.get(level)) & ((1 << mode.bits) - 1);
  }

  private void put(byte[] table, int index, long value) {
    for (int i = 0; i < mode.entry; i++) {
      table[index * mode.entry + i] = (byte) (value >>> 8 * i);
    }
  }

  private long get(byte[] table, int index) {
    long value = 0;
    for (int i = mode.entry - 1; i >= 0; i--) {
      value = value << 8 | (table[index * mode.entry + i] & 0xff);
    }
    return value;
  }
}
