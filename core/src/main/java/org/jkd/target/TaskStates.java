// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.TaskState;
import org.jkd.image.MemoryReader;

/** Finds task state segments by their selectors, and x64 interrupt stacks; dump-formats.md, 4.2. */
final class TaskStates {
  /** The segment of the running task. */
  static final int MAIN = 0x28;

  /** The segment of the double fault task. */
  static final int DOUBLE_FAULT = 0x50;

  /** The segment of the NMI task. */
  static final int NMI = 0x58;

  private static final int IST = 0x1c;
  private static final int GATE_SIZE = 16;

  private final KernelCore core;

  TaskStates(KernelCore core) {
    this.core = core;
  }

  /** The segment behind a selector of a processor's descriptor table; x86 only. */
  Optional<TaskState> bySelector(Processor processor, int selector) {
    if (core.arch() != Arch.X86) {
      return Optional.empty();
    }
    MemoryReader reader = core.reader();
    if (processor.gdt().isPresent()) {
      Optional<byte[]> descriptor =
          reader.bytes(processor.gdt().getAsLong() + (selector & 0xfff8), 8);
      if (descriptor.isPresent()) {
        byte[] d = descriptor.get();
        int type = d[5] & 0x1f;
        if (type == 9 || type == 0xb) {
          long base = d[2] & 0xff | (d[3] & 0xff) << 8 | (d[4] & 0xff) << 16;
          return TaskState.read(reader.memory(), base | (d[7] & 0xffL) << 24);
        }
      }
    }
    return (selector & 0xfff8) == MAIN && processor.tss().isPresent()
        ? TaskState.read(reader.memory(), processor.tss().getAsLong())
        : Optional.empty();
  }

  /** An interrupt stack of an x64 processor: the address after its last byte. */
  OptionalLong interruptStack(Processor processor, int index) {
    if (core.arch() != Arch.X64 || processor.tss().isEmpty() || index < 1 || index > 7) {
      return OptionalLong.empty();
    }
    OptionalLong top = core.reader().u64(processor.tss().getAsLong() + IST + 8L * index);
    return top.isPresent() && core.isSystemAddress(top.getAsLong()) ? top : OptionalLong.empty();
  }

  /** Which interrupt stack the handler of a vector uses; {@code otherwise} when it is not known. */
  int stackOfVector(Processor processor, int vector, int otherwise) {
    if (processor.idt().isEmpty()) {
      return otherwise;
    }
    OptionalLong gate = core.reader().u64(processor.idt().getAsLong() + (long) vector * GATE_SIZE);
    if (gate.isEmpty() || (gate.getAsLong() >>> 47 & 1) == 0) {
      return otherwise;
    }
    return (int) (gate.getAsLong() >>> 32 & 7);
  }
}
