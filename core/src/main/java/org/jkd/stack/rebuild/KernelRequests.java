// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;
import org.jkd.target.BugCheck;
import org.jkd.target.DebuggerData;
import org.jkd.target.FaultContext;
import org.jkd.target.FaultFinder;
import org.jkd.target.KernelTarget;
import org.jkd.target.KernelThread;
import org.jkd.target.Processor;
import org.jkd.target.StackClass;

/** What to rebuild of a kernel dump: which stack, which others, and which registers to trust. */
public final class KernelRequests {
  private static final int UNEXPECTED_KERNEL_MODE_TRAP = 0x7f;
  private static final int DOUBLE_FAULT = 8;

  private static final long PAGE = 0x1000;

  /** Memory below a stack pointer that is taken to be part of the stack, bytes at most. */
  private static final long MAX_BELOW = 0x10000;

  private static final OptionalLong NONE = OptionalLong.empty();

  private KernelRequests() {}

  /** The stack on which the system stopped. */
  public static Optional<StackRequest> crash(KernelTarget target, boolean free) {
    Optional<KernelThread> thread = target.currentThread();
    List<FaultContext> faults = FaultFinder.find(target);
    List<CpuContext> contexts = new ArrayList<>();
    faults.forEach(f -> contexts.add(f.context()));
    boolean doubleFault = isDoubleFault(target.bugCheck());
    // Without the registers of a double fault itself the chain comes from its handler's stack.
    boolean leave = doubleFault && contexts.size() < 2;
    if (!doubleFault && contexts.size() > 1) {
      // Any other fault is handled on the stack on which it happened: what handles it comes first.
      contexts.addFirst(contexts.removeLast());
    }
    if (contexts.isEmpty()) {
      contexts.add(target.context());
    }
    return request(target, thread, contexts, free, leave);
  }

  /** The stack of any thread, from the registers that its processor or the last switch left. */
  public static Optional<StackRequest> thread(
      KernelTarget target, KernelThread thread, boolean free) {
    if (target.currentThread().filter(t -> t.address() == thread.address()).isPresent()) {
      return crash(target, free);
    }
    List<CpuContext> contexts = target.context(thread).map(List::of).orElse(List.of());
    return request(target, Optional.of(thread), contexts, free, false);
  }

  /**
   * A stack of which nothing but a stack pointer is known, as in user-mode dumps: all memory around
   * it that can be read without a hole.
   */
  public static Optional<StackRequest> around(Memory memory, CpuContext context, boolean free) {
    return around(memory, context, free, StackRequest.Hints.NONE);
  }

  /** As above, with what the process keeps about the stack. */
  public static Optional<StackRequest> around(
      Memory memory, CpuContext context, boolean free, StackRequest.Hints hints) {
    byte[] one = new byte[1];
    long page = context.sp() & -PAGE;
    if (memory.read(context.sp(), one, 0, 1) != 1) {
      return Optional.empty();
    }
    long low = page;
    while (page - low < MAX_BELOW && memory.read(low - 1, one, 0, 1) == 1) {
      low -= PAGE;
    }
    long base = page + PAGE;
    while (base - page < Segment.MAX_BYTES && memory.read(base, one, 0, 1) == 1) {
      base += PAGE;
    }
    return Optional.of(
        new StackRequest(
            OptionalLong.empty(),
            new StackRequest.Area("thread", low, base),
            List.of(),
            List.of(context),
            OptionalLong.empty(),
            OptionalLong.empty(),
            free,
            Optional.empty(),
            false,
            hints));
  }

  /**
   * What the TEB of a user-mode thread says about its stack.
   *
   * @param teb its address; 0 when there is none
   */
  public static StackRequest.Hints hints(Arch arch, Memory memory, long teb) {
    // NT_TIB.ExceptionList is the first field.
    OptionalLong list =
        arch == Arch.X86 && teb != 0 ? new MemoryReader(memory, 4).pointer(teb) : NONE;
    return new StackRequest.Hints(
        list.isPresent() ? List.of(list.getAsLong()) : List.of(), Optional.empty());
  }

  /** What the processor and a thread that does not run say about a thread's stack. */
  private static StackRequest.Hints hints(KernelTarget target, Optional<KernelThread> thread) {
    List<Long> lists = new ArrayList<>();
    if (target.arch() == Arch.X86) {
      for (Processor p : target.processors()) {
        p.pcr().ifPresent(pcr -> target.reader().pointer(pcr).ifPresent(lists::add));
      }
      // KSWITCHFRAME.ExceptionList, where the thread left the processor.
      thread
          .map(KernelThread::kernelStack)
          .ifPresent(s -> s.ifPresent(at -> target.reader().pointer(at).ifPresent(lists::add)));
    }
    return new StackRequest.Hints(List.copyOf(lists), thread.flatMap(t -> shadow(target, t)));
  }

  /** The kernel shadow stack of a thread, where the debugger data says how to find it. */
  private static Optional<StackRequest.Area> shadow(KernelTarget target, KernelThread thread) {
    DebuggerData data = target.debuggerData().orElse(null);
    if (target.arch() != Arch.X64 || data == null) {
      return Optional.empty();
    }
    OptionalInt limit = data.shadowStackLimit();
    OptionalInt base = data.shadowStackBase();
    if (limit.isEmpty() || base.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong low = target.reader().pointer(thread.address() + limit.getAsInt());
    OptionalLong high = target.reader().pointer(thread.address() + base.getAsInt());
    boolean sound =
        low.isPresent()
            && high.isPresent()
            && low.getAsLong() < 0
            && (low.getAsLong() & 7) == 0
            && (high.getAsLong() & 7) == 0
            && Long.compareUnsigned(low.getAsLong(), high.getAsLong()) < 0;
    return sound
        ? Optional.of(new StackRequest.Area("shadow", low.getAsLong(), high.getAsLong()))
        : Optional.empty();
  }

  private static boolean isDoubleFault(BugCheck bugCheck) {
    return bugCheck.plainCode() == UNEXPECTED_KERNEL_MODE_TRAP
        && bugCheck.parameter(1) == DOUBLE_FAULT;
  }

  private static Optional<StackRequest> request(
      KernelTarget target,
      Optional<KernelThread> thread,
      List<CpuContext> contexts,
      boolean free,
      boolean leave) {
    List<StackClass> stacks = new ArrayList<>(target.stacks());
    thread.ifPresent(t -> stacks.addAll(target.stacks(t)));
    Optional<StackClass> own =
        thread.isPresent() ? target.stacks(thread.get()).stream().findFirst() : Optional.empty();
    if (own.isEmpty() && !contexts.isEmpty()) {
      long sp = contexts.getFirst().sp();
      own = stacks.stream().filter(s -> s.contains(sp)).findFirst();
    }
    if (own.isEmpty()) {
      return Optional.empty();
    }
    StackRequest.Area area = area(own.get());
    List<StackRequest.Area> others = new ArrayList<>();
    for (StackClass s : stacks) {
      StackRequest.Area other = area(s);
      boolean overlaps =
          s.kind() == StackClass.Kind.USER
              || area.contains(other.limit())
              || other.contains(area.limit())
              || others.stream()
                  .anyMatch(o -> o.contains(other.limit()) || other.contains(o.limit()));
      if (!overlaps && Long.compareUnsigned(other.limit(), other.base()) < 0) {
        others.add(other);
      }
    }
    return Optional.of(
        new StackRequest(
            thread.map(t -> OptionalLong.of(t.address())).orElse(OptionalLong.empty()),
            area,
            others,
            contexts,
            thread.map(KernelThread::initialStack).orElse(OptionalLong.empty()),
            thread.map(KernelThread::trapFrame).orElse(OptionalLong.empty()),
            free,
            Optional.of(target.bugCheck()),
            leave,
            hints(target, thread)));
  }

  private static StackRequest.Area area(StackClass stack) {
    return new StackRequest.Area(stack.kind().text(), stack.limit(), stack.base());
  }
}
