// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.ContextRecord;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.cpu.SpecialRegisters;
import org.jkd.dump.Dump;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.MemoryReader;
import org.jkd.image.Unreadable;

/** Finds the processors and reads their control blocks; dump-formats.md, 4.1. */
final class ProcessorReader {
  /** More than Windows supports. */
  private static final int MAX_PROCESSORS = 2048;

  private final KernelCore core;
  private final KernelNames names;

  ProcessorReader(KernelCore core, KernelNames names) {
    this.core = core;
    this.names = names;
  }

  List<Processor> processors() {
    List<Processor> processors = new ArrayList<>();
    Optional<DebuggerData> data = core.debuggerData();
    OptionalLong block = data.isPresent() ? data.get().processorBlock() : OptionalLong.empty();
    if (block.isEmpty()) {
      block = names.address("KiProcessorBlock");
    }
    int count = Math.min(core.header().processors().orElse(1), MAX_PROCESSORS);
    if (block.isPresent()) {
      int pointer = core.arch().pointerSize();
      for (int i = 0; i < count; i++) {
        OptionalLong prcb = core.reader().pointer(block.getAsLong() + (long) i * pointer);
        if (prcb.isPresent() && core.isSystemAddress(prcb.getAsLong())) {
          processors.add(processor(i, prcb.getAsLong()));
        }
      }
    }
    if (!anyHasThread(processors)) {
      OptionalLong pcr = new ControlRegionFinder(core).find();
      OptionalInt inner = core.layout().offset(KernelField.PCR_PRCB);
      if (pcr.isPresent() && inner.isPresent()) {
        processors.removeIf(p -> p.number() == 0);
        processors.addFirst(processor(0, pcr.getAsLong() + inner.getAsInt()));
      }
    }
    if (core.dump() instanceof Dump.TriageDump triage) {
      triage.part(triage.triage().prcbOffset()).ifPresent(copy -> addCopy(copy, processors));
    }
    return List.copyOf(processors);
  }

  private static boolean anyHasThread(List<Processor> processors) {
    for (Processor p : processors) {
      if (p.currentThread().isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** The copy of the crashing processor's block stands in where the block itself is not held. */
  private void addCopy(Bytes copy, List<Processor> processors) {
    BlockMemory memory =
        new BlockMemory(List.of(BlockMemory.Block.of(0, copy)), new Unreadable.NoBlock());
    KernelCore view = core.with(new MemoryReader(memory, core.arch().pointerSize()));
    OptionalInt number = view.byteAt(0, KernelField.PRCB_NUMBER);
    OptionalLong thread = view.pointer(0, KernelField.PRCB_CURRENT_THREAD);
    if (thread.isEmpty() || !core.isSystemAddress(thread.getAsLong())) {
      return;
    }
    for (int i = 0; i < processors.size(); i++) {
      Processor p = processors.get(i);
      if (p.currentThread().equals(thread)) {
        return;
      }
      if (number.isPresent() && p.number() == number.getAsInt()) {
        if (p.currentThread().isEmpty()) {
          processors.set(i, fill(view, 0, p.number(), p.prcb()));
        }
        return;
      }
    }
    processors.add(fill(view, 0, number.orElse(0), OptionalLong.empty()));
  }

  private Processor processor(int number, long prcb) {
    return fill(core, prcb, number, OptionalLong.of(prcb));
  }

  /**
   * @param view reads the block at {@code at}; pointers in it are followed in the target's memory
   */
  private Processor fill(KernelCore view, long at, int number, OptionalLong prcb) {
    OptionalInt inner = core.layout().offset(KernelField.PCR_PRCB);
    OptionalLong pcr =
        prcb.isPresent() && inner.isPresent()
            ? OptionalLong.of(prcb.getAsLong() - inner.getAsInt())
            : OptionalLong.empty();
    OptionalInt special = core.layout().offset(KernelField.PRCB_STATE_SPECIAL);
    boolean x86 = core.arch() == Arch.X86;
    Optional<SpecialRegisters> registers =
        special.isPresent()
            ? SpecialRegisters.read(core.arch(), view.reader().memory(), at + special.getAsInt())
            : Optional.empty();
    return new Processor(
        number,
        prcb,
        pcr,
        system(view.pointer(at, KernelField.PRCB_CURRENT_THREAD)),
        system(view.pointer(at, KernelField.PRCB_IDLE_THREAD)),
        context(view, at),
        registers,
        system(view.pointer(at, KernelField.PRCB_DPC_STACK)),
        system(view.pointer(at, KernelField.PRCB_ISR_STACK)),
        inRegion(pcr, x86 ? 0x3c : 0, registers.isPresent() ? registers.get().gdtBase() : 0),
        inRegion(pcr, 0x38, registers.isPresent() ? registers.get().idtBase() : 0),
        inRegion(pcr, x86 ? 0x40 : 8, 0));
  }

  /** A pointer of the control region, or what the processor's own registers say instead. */
  private OptionalLong inRegion(OptionalLong pcr, int offset, long otherwise) {
    OptionalLong read =
        pcr.isPresent() && core.arch() != Arch.ARM64
            ? system(core.reader().pointer(pcr.getAsLong() + offset))
            : OptionalLong.empty();
    return read.isPresent() ? read : system(OptionalLong.of(otherwise));
  }

  /** Only what can be an address of the system. */
  private OptionalLong system(OptionalLong value) {
    return value.isPresent() && core.isSystemAddress(value.getAsLong())
        ? value
        : OptionalLong.empty();
  }

  /** What the processor saved when it was frozen, or what its state field holds. */
  private Optional<CpuContext> context(KernelCore view, long at) {
    OptionalLong saved = system(view.pointer(at, KernelField.PRCB_CONTEXT));
    Optional<CpuContext> context =
        saved.isPresent()
            ? ContextRecord.read(core.arch(), core.reader().memory(), saved.getAsLong())
            : Optional.empty();
    OptionalInt state = core.layout().offset(KernelField.PRCB_STATE_CONTEXT);
    if (!isUsable(context) && state.isPresent()) {
      context = ContextRecord.read(core.arch(), view.reader().memory(), at + state.getAsInt());
    }
    return isUsable(context) ? context : Optional.empty();
  }

  private static boolean isUsable(Optional<CpuContext> context) {
    return context.isPresent() && context.get().knows(Register.RIP) && context.get().ip() != 0;
  }
}
