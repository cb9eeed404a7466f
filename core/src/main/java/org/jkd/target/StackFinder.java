// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.TaskState;
import org.jkd.dump.Dump;

/** Finds the stacks of the system; stack-overflow-diagnosis.md, 8.1, and dump-formats.md, 4.5. */
final class StackFinder {
  /** Segments that a thread may have chained; real ones have two or three. */
  private static final int MAX_SEGMENTS = 16;

  private static final long X86_STACK = 0x3000;
  private static final long X64_STACK = 0x6000;

  /** Stacks for faults that must not fail on x64. */
  private static final long X64_FAULT_STACK = 0x2000;

  private static final long MAX_STACK = 0x10_0000;

  private static final int VECTOR_DEBUG = 1;
  private static final int VECTOR_NMI = 2;
  private static final int VECTOR_DOUBLE_FAULT = 8;
  private static final int VECTOR_MACHINE_CHECK = 18;

  private final KernelCore core;
  private final ThreadReader threads;
  private final TaskStates tasks;

  StackFinder(KernelCore core) {
    this.core = core;
    this.threads = new ThreadReader(core);
    this.tasks = new TaskStates(core);
  }

  /** The stacks of all processors and of the threads that run on them. */
  List<StackClass> stacks(List<Processor> processors) {
    List<StackClass> stacks = new ArrayList<>();
    for (Processor p : processors) {
      OptionalInt number = OptionalInt.of(p.number());
      OptionalLong current = p.currentThread();
      boolean idle = current.isPresent() && current.equals(p.idleThread());
      if (current.isPresent()) {
        stacks.addAll(
            ofThread(
                threads.thread(current.getAsLong()),
                idle ? StackClass.Kind.IDLE : StackClass.Kind.THREAD,
                number));
      }
      long usual = usualSize();
      add(stacks, StackClass.Kind.DPC, p.dpcStack(), usual, number);
      add(stacks, StackClass.Kind.ISR, p.isrStack(), usual, number);
      faultStacks(p, number, stacks);
      // Deferred calls may run on the idle thread's stack; while another thread runs, it is theirs.
      if (p.idleThread().isPresent() && !idle) {
        KernelThread thread = threads.thread(p.idleThread().getAsLong());
        stacks.addAll(ofThread(thread, StackClass.Kind.IDLE, number));
      }
    }
    captured(stacks);
    return List.copyOf(stacks);
  }

  /** The stack that a small dump holds ends at its base, whatever stack it is. */
  private void captured(List<StackClass> stacks) {
    if (core.dump() instanceof Dump.TriageDump triage && triage.triage().callStackSize() != 0) {
      long top = triage.triage().topOfStack();
      long base = top + triage.triage().callStackSize();
      if (core.isSystemAddress(top) && stacks.stream().noneMatch(s -> s.contains(top))) {
        stacks.add(
            new StackClass(
                StackClass.Kind.UNNAMED,
                base,
                Math.min(top, base - usualSize()),
                true,
                OptionalInt.empty(),
                OptionalLong.empty()));
      }
    }
  }

  private long usualSize() {
    return core.arch() == Arch.X86 ? X86_STACK : X64_STACK;
  }

  private void faultStacks(Processor p, OptionalInt number, List<StackClass> stacks) {
    switch (core.arch()) {
      case X86 -> {
        add(
            stacks,
            StackClass.Kind.DOUBLE_FAULT,
            taskStack(p, TaskStates.DOUBLE_FAULT),
            X86_STACK,
            number);
        add(stacks, StackClass.Kind.NMI, taskStack(p, TaskStates.NMI), X86_STACK, number);
      }
      case X64 -> {
        interrupt(p, VECTOR_DOUBLE_FAULT, 1, StackClass.Kind.DOUBLE_FAULT, stacks);
        interrupt(p, VECTOR_NMI, 3, StackClass.Kind.NMI, stacks);
        interrupt(p, VECTOR_MACHINE_CHECK, 2, StackClass.Kind.MACHINE_CHECK, stacks);
        interrupt(p, VECTOR_DEBUG, 4, StackClass.Kind.DEBUG, stacks);
      }
      case ARM64 -> {}
    }
  }

  private void interrupt(
      Processor p, int vector, int usual, StackClass.Kind kind, List<StackClass> stacks) {
    int index = tasks.stackOfVector(p, vector, usual);
    OptionalLong top = tasks.interruptStack(p, index);
    add(stacks, kind, top, X64_FAULT_STACK, OptionalInt.of(p.number()));
  }

  /** The stack that a task starts on. */
  private OptionalLong taskStack(Processor p, int selector) {
    Optional<TaskState> task = tasks.bySelector(p, selector);
    if (task.isEmpty()) {
      return OptionalLong.empty();
    }
    long top = task.get().esp0() != 0 ? task.get().esp0() : task.get().context().sp();
    return core.isSystemAddress(top) ? OptionalLong.of(top) : OptionalLong.empty();
  }

  private static void add(
      List<StackClass> stacks,
      StackClass.Kind kind,
      OptionalLong base,
      long size,
      OptionalInt processor) {
    if (base.isPresent() && base.getAsLong() != 0) {
      long top = base.getAsLong();
      boolean known = stacks.stream().anyMatch(s -> s.kind() == kind && s.base() == top);
      if (!known) {
        stacks.add(new StackClass(kind, top, top - size, true, processor, OptionalLong.empty()));
      }
    }
  }

  /** A thread's kernel stack, then the segments that it had before it was expanded. */
  List<StackClass> ofThread(KernelThread thread, StackClass.Kind kind, OptionalInt processor) {
    List<StackClass> stacks = new ArrayList<>();
    if (thread.stackBase().isEmpty() || thread.stackLimit().isEmpty()) {
      return stacks;
    }
    OptionalLong owner = OptionalLong.of(thread.address());
    stacks.add(
        new StackClass(
            kind,
            thread.stackBase().getAsLong(),
            thread.stackLimit().getAsLong(),
            false,
            processor,
            owner));
    OptionalLong initial = thread.initialStack();
    while (initial.isPresent() && stacks.size() < MAX_SEGMENTS) {
      Optional<Segment> previous = previous(initial.getAsLong());
      if (previous.isEmpty() || stacks.stream().anyMatch(s -> s.base() == previous.get().base)) {
        break;
      }
      Segment segment = previous.get();
      stacks.add(
          new StackClass(
              StackClass.Kind.EXPANDED, segment.base, segment.limit, false, processor, owner));
      initial = OptionalLong.of(segment.initial);
    }
    return stacks;
  }

  private record Segment(long base, long limit, long initial) {}

  /**
   * The segment below, from the control block at a segment's initial stack. Its layout changed
   * between versions, so a layout counts only when what it gives can be a stack.
   */
  private Optional<Segment> previous(long initial) {
    if (core.build() < 6000 || core.arch() == Arch.ARM64) {
      return Optional.empty();
    }
    if (core.arch() == Arch.X86) {
      return segment(initial + 0x1e0 + 8, 4, 0xc);
    }
    return segment(initial + 0x10, 8, 0x18).or(() -> segment(initial + 0x28, 8, 0x18));
  }

  private Optional<Segment> segment(long at, int pointer, int initialAt) {
    OptionalLong base = core.reader().pointer(at);
    OptionalLong limit = core.reader().pointer(at + pointer);
    OptionalLong initial = core.reader().pointer(at + initialAt);
    if (base.isEmpty() || limit.isEmpty() || initial.isEmpty()) {
      return Optional.empty();
    }
    long size = base.getAsLong() - limit.getAsLong();
    boolean sane =
        (base.getAsLong() & 0xfff) == 0
            && (limit.getAsLong() & 0xfff) == 0
            && size > 0
            && size <= MAX_STACK
            && core.isSystemAddress(limit.getAsLong())
            && Long.compareUnsigned(initial.getAsLong(), limit.getAsLong()) > 0
            && Long.compareUnsigned(initial.getAsLong(), base.getAsLong()) <= 0;
    return sane
        ? Optional.of(new Segment(base.getAsLong(), limit.getAsLong(), initial.getAsLong()))
        : Optional.empty();
  }

  /** The user-mode stack of a thread, from its TEB. */
  Optional<StackClass> userStack(KernelThread thread) {
    if (thread.teb().isEmpty() || thread.teb().getAsLong() == 0) {
      return Optional.empty();
    }
    int pointer = core.arch().pointerSize();
    OptionalLong base = core.reader().pointer(thread.teb().getAsLong() + pointer);
    OptionalLong limit = core.reader().pointer(thread.teb().getAsLong() + 2L * pointer);
    if (base.isEmpty()
        || limit.isEmpty()
        || Long.compareUnsigned(limit.getAsLong(), base.getAsLong()) >= 0
        || core.isSystemAddress(base.getAsLong())) {
      return Optional.empty();
    }
    return Optional.of(
        new StackClass(
            StackClass.Kind.USER,
            base.getAsLong(),
            limit.getAsLong(),
            false,
            OptionalInt.empty(),
            OptionalLong.of(thread.address())));
  }
}
