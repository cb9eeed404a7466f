// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.crash;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jkd.sample.format.Blob;
import org.jkd.sample.format.DumpHeader;
import org.jkd.sample.format.DumpWriter;
import org.jkd.sample.format.PageTables;
import org.jkd.sample.format.PhysicalMemory;
import org.jkd.sample.format.TaskState;
import org.jkd.sample.format.VirtualMemory;

/**
 * A system with one processor and one thread of interest: Windows 7 SP1 on x64, Windows Server 2003
 * on x86. Where its structures lie is that of those systems' public symbols.
 */
public final class SmallMachine {
  private static final int DATA_BLOCK = 0x340;

  private final boolean wide;
  private final VirtualMemory memory = new VirtualMemory();
  private final List<SmallModule> modules = new ArrayList<>();
  private final SmallModule kernel;
  private final long pcr;
  private final long thread;
  private final long process;
  private final long interruptStack;
  private long pool;
  private long[] bugCheck = {0, 0, 0, 0, 0};
  private long cr2;

  /**
   * A machine without drivers.
   *
   * @param wide true for x64
   */
  public SmallMachine(boolean wide) {
    this.wide = wide;
    pcr = wide ? 0xfffff800_03c0e000L : 0xffdff000L;
    thread = wide ? 0xfffffa80_0a1b2060L : 0x86a1b020L;
    process = wide ? 0xfffffa80_09c0eb30L : 0x86c0e830L;
    pool = wide ? 0xfffffa80_0b000000L : 0x87000000L;
    interruptStack = wide ? 0xfffff880_02175000L : 0x80049000L;
    kernel = module("nt", "ntoskrnl.exe", wide ? 0xfffff800_03050000L : 0x80800000L);
  }

  /** True for x64. */
  public boolean wide() {
    return wide;
  }

  /** The kernel. */
  public SmallModule kernel() {
    return kernel;
  }

  /** Adds a driver. */
  public SmallModule module(String name, String file, long base) {
    SmallModule module = new SmallModule(wide, name, file, base);
    modules.add(module);
    return module;
  }

  /** The thread's stack; below it there is no page. */
  public CallStack stack(long limit, long base) {
    memory.commit(thread, 0x500);
    pointer(thread + (wide ? 0x28 : 0x18), base - (wide ? 0x40 : 0));
    pointer(thread + (wide ? 0x30 : 0x1c), limit);
    pointer(thread + (wide ? 0x278 : 0x158), base);
    pointer(thread + (wide ? 0x38 : 0x20), limit + 0x100);
    return new CallStack(wide, memory, limit, base);
  }

  /** Memory, for what a case needs by itself. */
  public VirtualMemory memory() {
    return memory;
  }

  /** The address after the stack that double faults are handled on. */
  public long interruptStack() {
    return interruptStack;
  }

  /** The bug check, and the last address that a page fault was taken for. */
  public SmallMachine bugCheck(long code, long first, long second, long third, long fourth) {
    bugCheck = new long[] {code, first, second, third, fourth};
    return this;
  }

  /** The address of the last page fault. */
  public SmallMachine cr2(long address) {
    cr2 = address;
    return this;
  }

  /** The task that a double fault interrupted; x86. */
  public SmallMachine task(long eip, long esp, long ebp) {
    long tss = pcr + 0x4000;
    memory.commit(tss, 0x68);
    memory.u32(tss + 0x20, eip);
    memory.u32(tss + 0x24, 0x10286);
    memory.u32(tss + 0x38, esp);
    memory.u32(tss + 0x3c, ebp);
    TaskState.selectors(memory, tss);
    return this;
  }

  /** The stack that x64 double faults are handled on. */
  public CallStack interruptStack64() {
    return new CallStack(wide, memory, interruptStack - 0x2000, interruptStack);
  }

  /** A context record in pool, with kernel-mode registers. */
  public long contextRecord(long ip, long sp, long bp) {
    byte[] context = context(ip, sp, bp);
    long at = allocate(context.length);
    memory.raw(at, context);
    return at;
  }

  private byte[] context(long ip, long sp, long bp) {
    Blob blob = new Blob();
    if (wide) {
      blob.grow(0x4d0).u32(0x30, 0x10001f).u16(0x38, 0x10).u16(0x42, 0x18).u32(0x44, 0x10246);
      return blob.u64(0x98, sp).u64(0xa0, bp).u64(0xf8, ip).bytes();
    }
    blob.grow(0x2cc).u32(0, 0x1001f).u32(0x90, 0x30).u32(0x94, 0x23).u32(0x98, 0x23);
    blob.u32(0xb4, bp).u32(0xb8, ip).u32(0xbc, 8).u32(0xc0, 0x10246);
    return blob.u32(0xc4, sp).u32(0xc8, 0x10).bytes();
  }

  private long allocate(int size) {
    long at = pool;
    pool += (size + 15) & -16;
    memory.commit(at, size);
    return at;
  }

  private void pointer(long at, long value) {
    if (wide) {
      memory.u64(at, value);
    } else {
      memory.u32(at, value);
    }
  }

  /** Writes a complete dump; the processor stopped with these registers. */
  public void write(Path file, long ip, long sp, long bp) throws IOException {
    modules.forEach(module -> module.load(memory));
    long data = kernel.data();
    long list = data + 0x1000;
    moduleList(list);
    processes(data + 0x1100);
    processor(data);
    debuggerData(data, list);
    PhysicalMemory physical = new PhysicalMemory(0x40);
    PageTables tables =
        new PageTables(wide ? PageTables.Mode.X64 : PageTables.Mode.X86, physical, 0x4000);
    tables.kernel(memory);
    long root = tables.space(new VirtualMemory());
    DumpHeader header =
        new DumpHeader(wide)
            .build(0xf, wide ? 7601 : 3790)
            .directoryBase(root)
            .loadedModules(list)
            .activeProcesses(data + 0x1100)
            .machine(wide ? 0x8664 : 0x14c, 1)
            .bugCheck(bugCheck[0], bugCheck[1], bugCheck[2], bugCheck[3], bugCheck[4])
            .debuggerData(data)
            .context(context(ip, sp, bp))
            .exception(0x80000003L, 0, ip)
            .product(1, 0x100)
            .times(0x1cb_0000_0000_0000L, 0x1_0000_0000L);
    if (!wide) {
      header.pae(false);
    }
    DumpWriter.complete(file, header, physical);
  }

  private void emptyList(long head) {
    pointer(head, head);
    pointer(head + width(), head);
  }

  private int width() {
    return wide ? 8 : 4;
  }

  private void moduleList(long head) {
    emptyList(head);
    long last = head;
    for (SmallModule module : modules) {
      long entry = allocate(0xa0);
      pointer(last, entry);
      pointer(entry, head);
      pointer(entry + width(), last);
      pointer(head + width(), entry);
      pointer(entry + (wide ? 0x30 : 0x18), module.base());
      memory.u32(entry + (wide ? 0x40 : 0x20), module.size());
      string(entry + (wide ? 0x48 : 0x24), "\\SystemRoot\\system32\\drivers\\" + module.file());
      string(entry + (wide ? 0x58 : 0x2c), module.file());
      last = entry;
    }
  }

  private void string(long at, String text) {
    byte[] characters = text.getBytes(StandardCharsets.UTF_16LE);
    long buffer = allocate(characters.length + 2);
    memory.raw(buffer, characters);
    memory.u16(at, characters.length);
    memory.u16(at + 2, characters.length + 2);
    pointer(at + width(), buffer);
  }

  private void processes(long head) {
    memory.commit(process, 0x500);
    memory.u8(process, 3);
    emptyList(head);
    long links = process + (wide ? 0x188 : 0x98);
    pointer(head, links);
    pointer(head + width(), links);
    pointer(links, head);
    pointer(links + width(), head);
    pointer(process + (wide ? 0x180 : 0x94), 0x5d8);
    memory.asciiZ(process + (wide ? 0x2e0 : 0x164), "Subject.exe");
    memory.u8(thread, 6);
    memory.u8(thread + (wide ? 0x164 : 0x4c), 2);
    pointer(thread + (wide ? 0x70 : 0x38), process);
    pointer(thread + (wide ? 0x210 : 0x128), process);
    pointer(thread + (wide ? 0x3b0 : 0x1e4), 0x5d8);
    pointer(thread + (wide ? 0x3b8 : 0x1e8), 0x5dc);
  }

  private void processor(long data) {
    memory.commit(pcr, 0x6000);
    long prcb = pcr + (wide ? 0x180 : 0x120);
    pointer(data + 0x1200, prcb);
    pointer(prcb + (wide ? 8 : 4), thread);
    long special = prcb + (wide ? 0x40 : 0x1c + 0x2cc);
    pointer(special, wide ? 0x80050031L : 0x8001003bL);
    pointer(special + width(), cr2);
    if (wide) {
      pointer(pcr, pcr + 0x3000);
      pointer(pcr + 8, pcr + 0x4000);
      pointer(pcr + 0x18, pcr);
      pointer(pcr + 0x20, prcb);
      pointer(pcr + 0x38, pcr + 0x5000);
      memory.u64(pcr + 0x4000 + 0x24, interruptStack);
      memory.u8(pcr + 0x5000 + 8 * 16 + 4, 1);
    } else {
      pointer(pcr + 0x1c, pcr);
      pointer(pcr + 0x20, prcb);
      pointer(pcr + 0x38, pcr + 0x5000);
      pointer(pcr + 0x3c, pcr + 0x3000);
      pointer(pcr + 0x40, pcr + 0x4000);
      memory.u8(pcr + 0x51, 0);
      descriptor(pcr + 0x3028, pcr + 0x4000);
      descriptor(pcr + 0x3050, pcr + 0x4800);
      memory.u32(pcr + 0x4804, interruptStack);
      memory.u32(pcr + 0x4838, interruptStack);
      TaskState.selectors(memory, pcr + 0x4800);
      memory.commit(interruptStack - 0x3000, 0x3000);
    }
  }

  private void descriptor(long at, long base) {
    memory.u16(at, 0x20ab);
    memory.u16(at + 2, base);
    memory.u8(at + 4, base >> 16);
    memory.u8(at + 5, 0x8b);
    memory.u8(at + 7, base >> 24);
  }

  private void debuggerData(long data, long list) {
    memory.asciiZ(data + 0x10, "KDBG");
    memory.u32(data + 0x14, DATA_BLOCK);
    long head = data + 0x1300;
    emptyList(head);
    memory.u64(data, extend(head));
    memory.u64(data + 8, extend(head));
    memory.u64(data + 0x18, extend(kernel.base()));
    memory.u64(data + 0x48, extend(list));
    memory.u64(data + 0x50, extend(data + 0x1100));
    memory.u64(data + 0x218, extend(data + 0x1200));
    int[] offsets =
        wide
            ? new int[] {
              0x29c, 0x38, 0x29e, 0x28, 0x2a0, 0x70, 0x2a2, 0x164, 0x2ae, 0x28, 0x2b4, 8, 0x2bc,
              0x120, 0x2be, 0x24, 0x2e4, 0x20, 0x2e6, 0x180, 0x2f2, 0x40
            }
            : new int[] {
              0x29c, 0x20, 0x29e, 0x18, 0x2a0, 0x38, 0x2a2, 0x4c, 0x2ae, 0x18, 0x2b4, 4, 0x2bc,
              0x1c, 0x2be, 0x10, 0x2e4, 0x20, 0x2e6, 0x120, 0x2ec, 4, 0x2ee, 8, 0x2f2, 0x2e8
            };
    for (int i = 0; i < offsets.length; i += 2) {
      memory.u16(data + offsets[i], offsets[i + 1]);
    }
  }

  private long extend(long address) {
    return wide ? address : (int) address;
  }
}
