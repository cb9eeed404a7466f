// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jkd.sample.format.TriageWriter;
import org.jkd.sample.format.VirtualMemory;

/** The kernel's own variables: the debugger data block, the module lists, version texts. */
final class KernelData {
  private static final int DEBUGGER_DATA_SIZE = 0x318;
  private static final int UNLOADED_ENTRY = 0x18;
  private static final int POOL_HEADER = 8;

  /** Nonpaged and in use, as Windows Server 2003 writes it. */
  private static final int ALLOCATED = 5;

  private static final List<TriageWriter.Unloaded> UNLOADED =
      List.of(
          new TriageWriter.Unloaded("cdaudio.sys", 0xf7c15000L, 0xf7c19000L),
          new TriageWriter.Unloaded("sfloppy.sys", 0xf79d8000L, 0xf79dd000L),
          new TriageWriter.Unloaded("kmixer.sys", 0xb62d4000L, 0xb62ff000L));

  /** Variables and their sizes in bytes. */
  private static final Map<String, Integer> VARIABLES =
      Map.ofEntries(
          Map.entry("KdDebuggerDataBlock", DEBUGGER_DATA_SIZE),
          Map.entry("KdVersionBlock", 0x28),
          Map.entry("KdpDebuggerDataListHead", 8),
          Map.entry("PsLoadedModuleList", 8),
          Map.entry("PsActiveProcessHead", 8),
          Map.entry("PsInitialSystemProcess", 4),
          Map.entry("PsIdleProcess", 4),
          Map.entry("PspCidTable", 4),
          Map.entry("KiProcessorBlock", 0x80),
          Map.entry("KiBugCheckData", 0x14),
          Map.entry("KiIdleProcess", 0x278),
          Map.entry("KiDoubleFaultTSS", 0x68),
          Map.entry("KeNumberProcessors", 4),
          Map.entry("KeActiveProcessors", 4),
          Map.entry("KeTimeIncrement", 4),
          Map.entry("KeBugCheckCallbackListHead", 8),
          Map.entry("MmPfnDatabase", 4),
          Map.entry("MmUnloadedDrivers", 4),
          Map.entry("MmLastUnloadedDriver", 4),
          Map.entry("MmHighestUserAddress", 4),
          Map.entry("MmSystemRangeStart", 4),
          Map.entry("MmUserProbeAddress", 4),
          Map.entry("MmHighestPhysicalPage", 4),
          Map.entry("MmLowestPhysicalPage", 4),
          Map.entry("MmNumberOfPhysicalPages", 4),
          Map.entry("MmNonPagedPoolStart", 4),
          Map.entry("MmPagedPoolStart", 4),
          Map.entry("MmPagedPoolEnd", 4),
          Map.entry("MmSystemCacheStart", 4),
          Map.entry("MmSystemCacheEnd", 4),
          Map.entry("NtBuildLab", 0x60),
          Map.entry("CmNtCSDVersion", 4),
          Map.entry("ObpRootDirectoryObject", 4),
          Map.entry("ObpTypeObjectType", 4),
          Map.entry("ExpSystemResourcesList", 8),
          Map.entry("NonPagedPoolDescriptor", 4),
          Map.entry("PoolTrackTable", 4));

  private final VirtualMemory memory;
  private final SampleModule nt;
  private long pool = 0x8a9c0000L;

  /** Bytes of the block before the next one in its page; 0 at the start of a page. */
  private int before;

  KernelData(VirtualMemory memory, SampleModule nt) {
    this.memory = memory;
    this.nt = nt;
  }

  /** Gives the variables their places in the kernel image. */
  static void reserve(SampleModule nt) {
    VARIABLES.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(variable -> nt.data(variable.getKey(), variable.getValue()));
  }

  /** The address of a variable or function of the kernel. */
  long address(String name) {
    return nt.address(name);
  }

  /** Reserves nonpaged pool. */
  long allocate(int size) {
    return allocate(size, "jkdS");
  }

  /**
   * Reserves nonpaged pool: a block with a header, or whole pages without.
   *
   * @param tag four characters
   */
  long allocate(int size, String tag) {
    int bytes = POOL_HEADER + (size + POOL_HEADER - 1 & -POOL_HEADER);
    int left = (int) (VirtualMemory.PAGE - pool % VirtualMemory.PAGE);
    if (bytes > left) {
      pool += left == VirtualMemory.PAGE ? 0 : left; // its rest is a free block already
      before = 0;
    }
    long at = pool;
    memory.commit(at, bytes);
    if (bytes > VirtualMemory.PAGE) {
      pool += size + VirtualMemory.PAGE - 1 & -VirtualMemory.PAGE;
      before = 0;
      return at;
    }
    header(at, bytes, ALLOCATED, tag);
    pool += bytes;
    before = pool % VirtualMemory.PAGE == 0 ? 0 : bytes;
    int rest = (int) (VirtualMemory.PAGE - pool % VirtualMemory.PAGE);
    if (rest < VirtualMemory.PAGE) {
      header(pool, rest, 0, "Free");
    }
    return at + POOL_HEADER;
  }

  private void header(long at, int bytes, int type, String tag) {
    memory.u16(at, before / POOL_HEADER);
    memory.u16(at + 2, bytes / POOL_HEADER | (long) type << 9);
    memory.raw(at + 4, tag.getBytes(StandardCharsets.US_ASCII));
  }

  /** Stores an empty list. */
  void emptyList(long head) {
    memory.u32(head, head);
    memory.u32(head + 4, head);
  }

  /** Appends an entry to a list. */
  void append(long head, long entry) {
    long last = memory.u32(head + 4);
    memory.u32(entry, head);
    memory.u32(entry + 4, last);
    memory.u32(last, entry);
    memory.u32(head + 4, entry);
  }

  /** Stores a counted string and its characters. */
  void string(long at, String text) {
    byte[] characters = text.getBytes(StandardCharsets.UTF_16LE);
    long buffer = allocate(characters.length + 2);
    memory.raw(buffer, characters);
    memory.u16(at, characters.length);
    memory.u16(at + 2, characters.length + 2);
    memory.u32(at + 4, buffer);
  }

  /** Stores the lists of loaded and unloaded modules. */
  void modules(List<SampleModule> modules) {
    long head = address("PsLoadedModuleList");
    emptyList(head);
    for (SampleModule module : modules) {
      long entry = allocate(0x50, "MmLd");
      append(head, entry);
      memory.u32(entry + 0x18, module.spec().base());
      memory.u32(entry + 0x1c, module.spec().base() + module.image().entry());
      memory.u32(entry + 0x20, module.image().sizeOfImage());
      string(entry + 0x24, module.spec().path() + module.spec().file());
      string(entry + 0x2c, module.spec().file());
      memory.u32(entry + 0x34, 0x09004000);
      memory.u16(entry + 0x38, 1);
      memory.u32(entry + 0x40, module.image().checkSum());
      memory.u32(entry + 0x44, module.image().timestamp());
    }
    long table = allocate(50 * UNLOADED_ENTRY);
    memory.u32(address("MmUnloadedDrivers"), table);
    memory.u32(address("MmLastUnloadedDriver"), UNLOADED.size());
    for (int i = 0; i < UNLOADED.size(); i++) {
      long entry = table + (long) i * UNLOADED_ENTRY;
      string(entry, UNLOADED.get(i).name());
      memory.u32(entry + 8, UNLOADED.get(i).start());
      memory.u32(entry + 0xc, UNLOADED.get(i).end());
      memory.u64(entry + 0x10, 0x1c8_2ae4_0000_0000L + 0x1234_5678L * i);
    }
  }

  /** The modules that were unloaded. */
  List<TriageWriter.Unloaded> unloaded() {
    return UNLOADED;
  }

  /** Stores the debugger data block and what it points to. */
  void debuggerData() {
    long block = address("KdDebuggerDataBlock");
    long head = address("KdpDebuggerDataListHead");
    emptyList(head);
    memory.u64(block, extend(head));
    memory.u64(block + 8, extend(head));
    memory.u32(head, block);
    memory.u32(head + 4, block);
    memory.asciiZ(block + 0x10, "KDBG");
    memory.u32(block + 0x14, DEBUGGER_DATA_SIZE);
    memory.u64(block + 0x18, extend(nt.spec().base()));
    long[] pointers = {
      0x48, address("PsLoadedModuleList"), 0x50, address("PsActiveProcessHead"),
      0x58, address("PspCidTable"), 0x60, address("ExpSystemResourcesList"),
      0x78, address("KeTimeIncrement"), 0x80, address("KeBugCheckCallbackListHead"),
      0x88, address("KiBugCheckData"), 0x98, address("ObpRootDirectoryObject"),
      0xa0, address("ObpTypeObjectType"), 0xa8, address("MmSystemCacheStart"),
      0xb0, address("MmSystemCacheEnd"), 0xc0, address("MmPfnDatabase"),
      0xe8, address("MmLowestPhysicalPage"), 0xf0, address("MmHighestPhysicalPage"),
      0xf8, address("MmNumberOfPhysicalPages"), 0x110, address("MmNonPagedPoolStart"),
      0x120, address("MmPagedPoolStart"), 0x128, address("MmPagedPoolEnd"),
      0x1b8, address("PoolTrackTable"), 0x1c0, address("NonPagedPoolDescriptor"),
      0x1c8, address("MmHighestUserAddress"), 0x1d0, address("MmSystemRangeStart"),
      0x1d8, address("MmUserProbeAddress"), 0x208, address("NtBuildLab"),
      0x218, address("KiProcessorBlock"), 0x220, address("MmUnloadedDrivers"),
      0x228, address("MmLastUnloadedDriver"), 0x268, address("CmNtCSDVersion"),
    };
    for (int i = 0; i < pointers.length; i += 2) {
      memory.u64(block + pointers[i], extend(pointers[i + 1]));
    }
    memory.u64(block + 0x138, 0x1000);
    int[] offsets = {
      0x30, 0x114, 0x34, 0x18, 0x298, 0x40, 0x29a, 0x74, 0x29c, 0x20, 0x29e, 0x18, 0x2a0, 0x38,
      0x2a2, 0x4c, 0x2a8, 0x278, 0x2aa, 0x1a0, 0x2ac, 0x138, 0x2ae, 0x18, 0x2b0, 0xec0, 0x2b2,
      0x95a, 0x2b4, 4, 0x2b6, 0xb70, 0x2b8, 0x18, 0x2ba, 0xb60, 0x2bc, 0x1c, 0x2be, 0x10, 0x2c0,
      0x250, 0x2e0, 0xfe0, 0x2e2, 0x1c, 0x2e4, 0x20, 0x2e6, 0x120, 0x2ec, 4, 0x2ee, 8, 0x2f2, 0x2e8,
      0x2f4, 8, 0x2f6, 0x10, 0x2f8, 0x30, 0x2fa, 0x18, 0x2fc, 0x20, 0x2fe, 0x38, 0x300, 0x48, 0x302,
      0x28,
    };
    for (int i = 0; i < offsets.length; i += 2) {
      memory.u16(block + offsets[i], offsets[i + 1]);
    }
    version();
  }

  private void version() {
    memory.u16(address("KdVersionBlock"), 0xf);
    memory.u16(address("KdVersionBlock") + 2, 3790);
    memory.u16(address("KdVersionBlock") + 6, 3);
    memory.u16(address("KdVersionBlock") + 8, 0x14c);
    memory.u64(address("KdVersionBlock") + 0x10, extend(nt.spec().base()));
    memory.u64(address("KdVersionBlock") + 0x18, extend(address("PsLoadedModuleList")));
    memory.u64(address("KdVersionBlock") + 0x20, extend(address("KdpDebuggerDataListHead")));
    memory.asciiZ(address("NtBuildLab"), "3790.srv03_sp2_rtm.070216-1710");
    memory.u32(address("CmNtCSDVersion"), 0x200);
    memory.u32(address("MmHighestUserAddress"), 0x7ffeffffL);
    memory.u32(address("MmSystemRangeStart"), 0x80000000L);
    memory.u32(address("MmUserProbeAddress"), 0x7fff0000L);
    memory.u32(address("MmPfnDatabase"), 0x81600000L);
    memory.u32(address("MmNonPagedPoolStart"), 0x82be0000L);
    memory.u32(address("MmPagedPoolStart"), 0xe1000000L);
    memory.u32(address("MmPagedPoolEnd"), 0xf0bfffffL);
    memory.u32(address("MmSystemCacheStart"), 0xc1000000L);
    memory.u32(address("MmSystemCacheEnd"), 0xe0ffffffL);
    memory.u32(address("MmLowestPhysicalPage"), 1);
    memory.u32(address("MmHighestPhysicalPage"), 0x3ffff);
    memory.u32(address("MmNumberOfPhysicalPages"), 0x3ff6b);
    memory.u32(address("KeTimeIncrement"), 0x2625a);
    memory.u32(address("KeNumberProcessors"), Processors.COUNT);
    memory.u32(address("KeActiveProcessors"), (1 << Processors.COUNT) - 1);
    emptyList(address("ExpSystemResourcesList"));
    emptyList(address("KeBugCheckCallbackListHead"));
    long bugCheck = address("KiBugCheckData");
    memory.u32(bugCheck, 0x7f);
    memory.u32(bugCheck + 4, 8);
    memory.u32(bugCheck + 8, Processors.tss(Processors.CRASHED));
  }

  private static long extend(long address) {
    return (int) address;
  }
}
