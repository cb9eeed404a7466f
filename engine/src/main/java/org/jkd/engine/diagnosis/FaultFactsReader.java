// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.image.Unreadable;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.target.BugCheck;
import org.jkd.target.FaultContext;
import org.jkd.target.FaultFinder;
import org.jkd.target.KernelTarget;
import org.jkd.target.KernelThread;
import org.jkd.target.StackClass;

/** Gathers what the verdict needs from a dump. */
public final class FaultFactsReader {
  private static final long UNEXPECTED_TRAP = 0x7f;
  private static final long DOUBLE_FAULT = 8;
  private static final long PANIC_STACK_SWITCH = 0x2b;

  private FaultFactsReader() {}

  /** The facts of a dump; {@code stack} adds what only a rebuilt stack shows. */
  public static FaultFacts read(KernelTarget target, Optional<RebuiltStack> stack) {
    BugCheck bugCheck = target.bugCheck();
    List<FaultFacts.StackRange> stacks = stacks(target);
    Optional<FaultContext> fault =
        FaultFinder.find(target).stream()
            .filter(f -> !changesStack(bugCheck) || !isHeader(target, f))
            .findFirst();
    Optional<CpuContext> context = fault.map(FaultContext::context);
    OptionalLong sp = register(context, Register.RSP);
    String source = fault.map(FaultContext::source).orElse("");
    if (sp.isEmpty() && bugCheck.plainCode() == PANIC_STACK_SWITCH) {
      // The trap frame may be missing from the dump; where it was is where the pointer stood.
      sp = OptionalLong.of(target.arch().address(bugCheck.parameter(1)));
      source = "the address in argument 1";
    }
    return new FaultFacts(
        target.arch(),
        bugCheck.code(),
        bugCheck.parameters(),
        sp,
        register(context, Register.RBP),
        register(context, Register.RIP),
        source,
        fault.map(FaultContext::faultAddress).orElse(OptionalLong.empty()),
        stacks,
        guard(target, stacks, sp),
        stack.flatMap(FaultFactsReader::reach),
        stack.flatMap(DispatchLoop::in).map(DispatchLoop::text));
  }

  /** Bug checks in which the code that stopped the system ran on another stack than the fault. */
  private static boolean changesStack(BugCheck bugCheck) {
    return bugCheck.plainCode() == PANIC_STACK_SWITCH
        || (bugCheck.plainCode() == UNEXPECTED_TRAP && bugCheck.parameter(1) == DOUBLE_FAULT);
  }

  private static boolean isHeader(KernelTarget target, FaultContext fault) {
    CpuContext header = target.context();
    return fault.context().sp() == header.sp() && fault.context().ip() == header.ip();
  }

  private static Optional<FaultFacts.Reach> reach(RebuiltStack stack) {
    StackUsage usage = StackUsage.of(stack);
    return StackUsage.onThisStack(stack).stream()
        .flatMapToLong(f -> f.slot().stream())
        .filter(stack::within)
        .min()
        .stream()
        .mapToObj(innermost ->
            new FaultFacts.Reach(
                new FaultFacts.StackRange("thread stack", stack.stackLimit(), stack.stackBase()),
                innermost,
                usage.coverage()))
        .findFirst();
  }

  private static OptionalLong register(Optional<CpuContext> context, Register register) {
    return context.isPresent() && context.get().knows(register)
        ? OptionalLong.of(context.get().get(register))
        : OptionalLong.empty();
  }

  /** The crashed thread's stack first, then all others; the user's half is no kernel stack. */
  private static List<FaultFacts.StackRange> stacks(KernelTarget target) {
    List<FaultFacts.StackRange> ranges = new ArrayList<>();
    Optional<KernelThread> thread = target.currentThread();
    thread.ifPresent(t -> add(ranges, target.stacks(t)));
    add(
        ranges,
        target.stacks().stream()
            .filter(s -> s.kind() != StackClass.Kind.USER)
            .sorted(Comparator.comparing(StackClass::kind))
            .toList());
    return List.copyOf(ranges);
  }

  private static void add(List<FaultFacts.StackRange> ranges, List<StackClass> stacks) {
    for (StackClass stack : stacks) {
      FaultFacts.StackRange range =
          new FaultFacts.StackRange(stack.kind().text() + " stack", stack.limit(), stack.base());
      if (ranges.stream().noneMatch(r -> r.limit() == range.limit())) {
        ranges.add(range);
      }
    }
  }

  /** The page below the stack that the pointer stands on or just below. */
  private static FaultFacts.Guard guard(
      KernelTarget target, List<FaultFacts.StackRange> stacks, OptionalLong sp) {
    if (sp.isEmpty() || stacks.isEmpty()) {
      return FaultFacts.Guard.UNKNOWN;
    }
    long pointer = sp.getAsLong();
    FaultFacts.StackRange stack =
        stacks.stream()
            .filter(s -> s.contains(pointer) || s.contains(pointer + OverflowRules.REACH_BELOW))
            .findFirst()
            .orElse(stacks.getFirst());
    return switch (target.memory().whyUnreadable(stack.limit() - 1)) {
      case Unreadable.NotPresent n -> FaultFacts.Guard.NOT_VALID;
      case Unreadable.DemandZero d -> FaultFacts.Guard.NOT_VALID;
      case Unreadable.PagedOut p -> FaultFacts.Guard.NOT_VALID;
      case Unreadable.Prototype p -> FaultFacts.Guard.NOT_VALID;
      case Unreadable.IsReadable r -> FaultFacts.Guard.VALID;
      case Unreadable.NotCaptured n -> FaultFacts.Guard.VALID;
      case Unreadable.TableNotCaptured t -> FaultFacts.Guard.UNKNOWN;
      case Unreadable.NotAnAddress a -> FaultFacts.Guard.UNKNOWN;
      case Unreadable.NoBlock b -> FaultFacts.Guard.UNKNOWN;
      case Unreadable.FileEnds f -> FaultFacts.Guard.UNKNOWN;
      case Unreadable.Unsupported u -> FaultFacts.Guard.UNKNOWN;
    };
  }
}
