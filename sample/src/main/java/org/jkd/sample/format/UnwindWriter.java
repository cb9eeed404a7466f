// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Unwind data of x64 images: what the prologue of each function does, and which functions there
 * are.
 */
public final class UnwindWriter {
  /** A step of a prologue, by the offset of the instruction after it. */
  public record Step(int offset, int operation, int info, List<Integer> operands) {
    /** {@code push} of a register (3 rbx, 5 rbp, 6 rsi, 7 rdi, 12 to 15). */
    public static Step push(int offset, int register) {
      return new Step(offset, 0, register, List.of());
    }

    /** {@code sub rsp}; {@code bytes} is a multiple of 8. */
    public static Step allocate(int offset, int bytes) {
      if (bytes <= 128) {
        return new Step(offset, 2, bytes / 8 - 1, List.of());
      }
      return bytes < 0x80000
          ? new Step(offset, 1, 0, List.of(bytes / 8))
          : new Step(offset, 1, 1, List.of(bytes & 0xffff, bytes >>> 16));
    }

    /** The frame register is set. */
    public static Step frame(int offset) {
      return new Step(offset, 3, 0, List.of());
    }

    /** A register is stored at a distance from the stack pointer, a multiple of 8. */
    public static Step save(int offset, int register, int distance) {
      return new Step(offset, 4, register, List.of(distance / 8));
    }

    /** The processor pushed a frame, with or without an error code. */
    public static Step machineFrame(boolean errorCode) {
      return new Step(0, 10, errorCode ? 1 : 0, List.of());
    }
  }

  private record Function(int begin, int end, int unwind) {}

  private final PeWriter.Section unwindSection;
  private final List<Function> functions = new ArrayList<>();

  /** Unwind records go to the end of a section. */
  public UnwindWriter(PeWriter.Section section) {
    unwindSection = section;
  }

  /**
   * Adds a function.
   *
   * @param prolog bytes of its prologue
   * @param frameRegister 0 for none
   * @param frameOffset distance of the frame register from the stack pointer, a multiple of 16
   * @param steps in the order of execution
   * @return the RVA of its unwind record
   */
  public int function(
      int begin, int end, int prolog, int frameRegister, int frameOffset, List<Step> steps) {
    Blob blob = unwindSection.content().align(4);
    int rva = unwindSection.rva() + blob.size();
    int slots = steps.stream().mapToInt(step -> 1 + step.operands().size()).sum();
    blob.add8(1).add8(prolog).add8(slots).add8(frameRegister | frameOffset / 16 << 4);
    for (Step step : steps.reversed()) {
      blob.add8(step.offset()).add8(step.operation() | step.info() << 4);
      step.operands().forEach(blob::add16);
    }
    blob.align(4);
    functions.add(new Function(begin, end, rva));
    return rva;
  }

  /** Adds a part of a function that continues the unwind record of its main part. */
  public void chained(int begin, int end, int mainBegin, int mainEnd, int mainUnwind) {
    Blob blob = unwindSection.content().align(4);
    functions.add(new Function(begin, end, unwindSection.rva() + blob.size()));
    blob.add8(1 | 4 << 3).add8(0).add8(0).add8(0);
    blob.add32(mainBegin).add32(mainEnd).add32(mainUnwind);
  }

  /** Adds the table of functions to an image as a section of its own. */
  public void finish(PeWriter image, int rva) {
    PeWriter.Section table = image.section(".pdata", rva, 0, PeWriter.READ_ONLY);
    functions.sort(Comparator.comparingInt(Function::begin));
    for (Function one : functions) {
      table.content().add32(one.begin()).add32(one.end()).add32(one.unwind());
    }
    image.directory(3, rva, table.content().size());
  }
}
