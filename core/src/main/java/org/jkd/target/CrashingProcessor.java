// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.ContextRecord;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.Dump;

/** Tells which processor stopped the system; dump-formats.md, 4.1. */
final class CrashingProcessor {
  private static final long DOUBLE_FAULT_TRAP = 0x7f;

  private final KernelCore core;
  private final List<Processor> processors;

  CrashingProcessor(KernelCore core, List<Processor> processors) {
    this.core = core;
    this.processors = processors;
  }

  /** An index into the list of processors; 0 when nothing tells. */
  int index() {
    int bySp = byStackPointer();
    if (bySp >= 0) {
      return bySp;
    }
    int byTss = byTaskState();
    if (byTss >= 0) {
      return byTss;
    }
    int byCopy = byTriageCopy();
    return Math.max(byCopy, 0);
  }

  /** The processor that saved the same stack pointer as the header has. */
  private int byStackPointer() {
    CpuContext header = ContextRecord.read(core.arch(), core.header().context());
    for (int i = 0; i < processors.size(); i++) {
      Optional<CpuContext> saved = processors.get(i).context();
      if (saved.isPresent() && saved.get().sp() != 0 && saved.get().sp() == header.sp()) {
        return i;
      }
    }
    return -1;
  }

  /** A double fault on x86 names the task state segment as its second parameter. */
  private int byTaskState() {
    if (core.arch() != Arch.X86 || core.header().bugCheckCode() != DOUBLE_FAULT_TRAP) {
      return -1;
    }
    long tss = core.header().bugCheckParameters().get(1);
    for (int i = 0; i < processors.size(); i++) {
      if (processors.get(i).tss().equals(OptionalLong.of(tss)) && tss != 0) {
        return i;
      }
    }
    return -1;
  }

  /** A small dump has a copy of the block of the processor that wrote it. */
  private int byTriageCopy() {
    if (!(core.dump() instanceof Dump.TriageDump triage)) {
      return -1;
    }
    OptionalInt at = core.layout().offset(KernelField.PRCB_CURRENT_THREAD);
    return triage
        .part(triage.triage().prcbOffset())
        .filter(copy -> at.isPresent() && copy.has(at.getAsInt(), 8))
        .map(copy ->
            core.arch().pointerSize() == 4 ? copy.u32(at.getAsInt()) : copy.u64(at.getAsInt()))
        .map(this::indexOfThread)
        .orElse(-1);
  }

  private int indexOfThread(long thread) {
    for (int i = 0; i < processors.size(); i++) {
      if (processors.get(i).currentThread().equals(OptionalLong.of(thread))) {
        return i;
      }
    }
    return -1;
  }
}
