// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import org.jkd.sample.format.TaskState;
import org.jkd.sample.format.VirtualMemory;

/**
 * The four processors: control regions, descriptor tables, task state segments. The last one is the
 * one that crashed; the others are idle.
 */
final class Processors {
  static final int COUNT = 4;

  /** The processor whose stack ran out. */
  static final int CRASHED = 3;

  /** The running thread of the crashed processor. */
  static final long THREAD = 0x8740c020L;

  private static final long IDLE_THREADS = 0x8a9b0000L;
  private static final int IDLE_SPACING = 0x400;
  private static final int KTSS_SIZE = 0x20ac;
  private static final int INTERRUPT_SIZE = 0x1e4;
  private static final int APC_VECTOR = 0x3d;

  private final VirtualMemory memory;
  private final KernelData data;
  private final StackBuilder.Registers fault;
  private final boolean pae;
  private long directoryBase;

  Processors(VirtualMemory memory, KernelData data, StackBuilder.Registers fault, boolean pae) {
    this.memory = memory;
    this.data = data;
    this.fault = fault;
    this.pae = pae;
  }

  /** The control region of a processor. */
  static long pcr(int processor) {
    return processor == 0 ? 0xffdff000L : 0xf7710000L + 0x10000L * processor;
  }

  /** The global descriptor table of a processor. */
  static long gdt(int processor) {
    return processor == 0 ? 0x8003f000L : pcr(processor) + 0x2000;
  }

  /** The interrupt descriptor table of a processor. */
  static long idt(int processor) {
    return processor == 0 ? 0x8003f400L : pcr(processor) + 0x3000;
  }

  /** The ordinary task state segment of a processor. */
  static long tss(int processor) {
    return processor == 0 ? 0x80042000L : pcr(processor) + 0x4000;
  }

  /** The task state segment that a double fault switches to. */
  long doubleFaultTss(int processor) {
    return processor == 0 ? data.address("KiDoubleFaultTSS") : pcr(processor) + 0x6100;
  }

  /** The first address above the stack of the double-fault task. */
  static long doubleFaultStack(int processor) {
    return processor == 0 ? 0x80049000L : pcr(processor) + 0xa000;
  }

  /** The thread that runs on a processor. */
  static long thread(int processor) {
    return processor == CRASHED ? THREAD : idleThread(processor);
  }

  /** The idle thread of a processor. */
  static long idleThread(int processor) {
    return IDLE_THREADS + (long) IDLE_SPACING * processor;
  }

  /** The first address above the stack of an idle thread. */
  static long idleStack(int processor) {
    return processor == 0 ? 0x80063000L : pcr(processor) + 0xe000;
  }

  void directoryBase(long value) {
    directoryBase = value;
    memory.u32(tss(CRASHED) + 0x1c, value);
    for (int i = 0; i < COUNT; i++) {
      memory.u32(pcr(i) + 0x120 + 0x2e8 + 8, value);
      memory.u32(doubleFaultTss(i) + 0x1c, value);
    }
  }

  long directoryBase() {
    return directoryBase;
  }

  /** The context of a processor as the bug check saved it. */
  byte[] context(int processor) {
    if (processor == CRASHED) {
      return Context.kernel(
          new StackBuilder.Registers(
              KernelCode.DOUBLE_FAULT,
              doubleFaultStack(processor) - 0x54,
              0,
              0,
              0,
              0,
              tss(CRASHED),
              tss(CRASHED),
              0));
    }
    long stack = idleStack(processor) - 0x2ac;
    return Context.kernel(
        new StackBuilder.Registers(
            data.address("KiSwapThread") + 0x20,
            stack,
            stack + 0x20,
            0,
            pcr(processor),
            0,
            0,
            pcr(processor) + 0x120,
            thread(processor)));
  }

  /** Stores everything. */
  void store() {
    for (int i = 0; i < COUNT; i++) {
      controlRegion(i);
      tables(i);
      tasks(i);
      memory.u32(data.address("KiProcessorBlock") + 4L * i, pcr(i) + 0x120);
    }
  }

  private void controlRegion(int processor) {
    long pcr = pcr(processor);
    memory.commit(pcr, 0xfe0);
    memory.u32(pcr, 0xffff_ffffL);
    memory.u32(pcr + 4, processor == CRASHED ? StackBuilder.BASE - 0x210 : 0);
    memory.u32(pcr + 0xc, tss(processor));
    memory.u32(pcr + 0x14, 1L << processor);
    memory.u32(pcr + 0x18, processor == CRASHED ? 0x7ffdd000L : 0);
    memory.u32(pcr + 0x1c, pcr);
    memory.u32(pcr + 0x20, pcr + 0x120);
    memory.u8(pcr + 0x24, processor == CRASHED ? 0x1f : 2);
    memory.u32(pcr + 0x34, data.address("KdVersionBlock"));
    memory.u32(pcr + 0x38, idt(processor));
    memory.u32(pcr + 0x3c, gdt(processor));
    memory.u32(pcr + 0x40, tss(processor));
    memory.u16(pcr + 0x44, 1);
    memory.u16(pcr + 0x46, 1);
    memory.u32(pcr + 0x48, 1L << processor);
    memory.u8(pcr + 0x51, processor);
    long prcb = pcr + 0x120;
    memory.u16(prcb, 1);
    memory.u16(prcb + 2, 1);
    memory.u32(prcb + 4, thread(processor));
    memory.u32(prcb + 0xc, idleThread(processor));
    memory.u8(prcb + 0x10, processor);
    memory.u32(prcb + 0x14, 1L << processor);
    memory.u8(prcb + 0x18, 0xf);
    memory.u8(prcb + 0x19, 1);
    memory.u16(prcb + 0x1a, 0x401);
    memory.raw(prcb + 0x1c, context(processor));
    special(prcb + 0x2e8, processor);
    memory.u32(prcb + 0x948, idleStack(processor));
    memory.u8(prcb + 0x545, processor == CRASHED ? 0x1f : 2);
    memory.asciiZ(prcb + 0xb60, "GenuineIntel");
    memory.u32(prcb + 0xb70, 2992);
    memory.u32(prcb + 0xb74, 0xa0033fffL);
  }

  private void special(long at, int processor) {
    memory.u32(at, 0x8001003bL);
    memory.u32(at + 4, processor == CRASHED ? fault.esp() - 4 : 0xd5d40000L);
    memory.u32(at + 0xc, pae ? 0x6f8 : 0x6d8);
    memory.u32(at + 0x20, 0xffff0ff0L);
    memory.u32(at + 0x24, 0x400);
    memory.u16(at + 0x2a, 0x3ff);
    memory.u32(at + 0x2c, gdt(processor));
    memory.u16(at + 0x32, 0x7ff);
    memory.u32(at + 0x34, idt(processor));
    memory.u16(at + 0x38, processor == CRASHED ? 0x50 : 0x28);
  }

  private void tables(int processor) {
    long gdt = gdt(processor);
    memory.commit(gdt, 0x400);
    descriptor(gdt + 8, 0, 0xfffff, 0x9b, 0xc);
    descriptor(gdt + 0x10, 0, 0xfffff, 0x93, 0xc);
    descriptor(gdt + 0x18, 0, 0xfffff, 0xfb, 0xc);
    descriptor(gdt + 0x20, 0, 0xfffff, 0xf3, 0xc);
    boolean crashed = processor == CRASHED;
    descriptor(gdt + 0x28, tss(processor), KTSS_SIZE - 1, 0x8b, 0);
    descriptor(gdt + 0x30, pcr(processor), 1, 0x93, 0xc);
    descriptor(gdt + 0x38, crashed ? 0x7ffdd000L : 0, 0xfff, 0xf3, 4);
    descriptor(gdt + 0x50, doubleFaultTss(processor), 0x68, crashed ? 0x8b : 0x89, 0);
    long idt = idt(processor);
    memory.commit(idt, 0x800);
    gate(idt + 8 * 8L, 0, 0x50, 0x85);
    gate(idt + 8 * 14L, data.address("_KiTrap0E"), 8, 0x8e);
    gate(idt + 8 * 0x2eL, data.address("KiSystemService"), 8, 0xee);
    interrupt(idt, processor);
  }

  private void descriptor(long at, long base, long limit, int access, int flags) {
    memory.u16(at, limit);
    memory.u16(at + 2, base);
    memory.u8(at + 4, base >> 16);
    memory.u8(at + 5, access);
    memory.u8(at + 6, (limit >> 16 & 0xf) | flags << 4);
    memory.u8(at + 7, base >> 24);
  }

  private void gate(long at, long target, int selector, int access) {
    memory.u16(at, target);
    memory.u16(at + 2, selector);
    memory.u16(at + 4, (long) access << 8);
    memory.u16(at + 6, target >> 16);
  }

  /** A vector that a driver has claimed: the gate leads to code within the interrupt object. */
  private void interrupt(long idt, int processor) {
    long object = data.allocate(INTERRUPT_SIZE, "Iint");
    memory.u16(object, 0x16);
    memory.u16(object + 2, INTERRUPT_SIZE);
    data.emptyList(object + 4);
    memory.u32(object + 0xc, data.address("KiDeliverApc"));
    memory.u32(object + 0x24, APC_VECTOR);
    memory.u8(object + 0x28, 1);
    memory.u8(object + 0x29, 1);
    memory.u8(object + 0x2b, 1);
    memory.u8(object + 0x2c, processor);
    gate(idt + 8L * APC_VECTOR, object + 0x3c, 8, 0x8e);
  }

  private void tasks(int processor) {
    long tss = tss(processor);
    memory.commit(tss, KTSS_SIZE);
    boolean crashed = processor == CRASHED;
    memory.u32(tss + 4, (crashed ? StackBuilder.BASE : idleStack(processor)) - 0x220);
    memory.u32(tss + 8, 0x10);
    memory.u16(tss + 0x66, 0x20ac);
    if (crashed) {
      memory.u32(tss + 0x20, fault.eip());
      memory.u32(tss + 0x24, 0x10286);
      memory.u32(tss + 0x28, fault.eax());
      memory.u32(tss + 0x2c, fault.ecx());
      memory.u32(tss + 0x30, fault.edx());
      memory.u32(tss + 0x34, fault.ebx());
      memory.u32(tss + 0x38, fault.esp());
      memory.u32(tss + 0x3c, fault.ebp());
      memory.u32(tss + 0x40, fault.esi());
      memory.u32(tss + 0x44, fault.edi());
      TaskState.selectors(memory, tss);
    }
    long task = doubleFaultTss(processor);
    memory.commit(task, 0x68);
    memory.u16(task, crashed ? 0x28 : 0);
    memory.u32(task + 4, doubleFaultStack(processor));
    memory.u32(task + 8, 0x10);
    memory.u32(task + 0x20, data.address("_KiTrap08"));
    memory.u32(task + 0x38, doubleFaultStack(processor));
    TaskState.selectors(memory, task);
    memory.commit(doubleFaultStack(processor) - 0x3000, 0x3000);
    memory.commit(idleStack(processor) - 0x3000, 0x3000);
  }
}
