// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.image.Memory;
import org.jspecify.annotations.Nullable;

/** One walk over an x86 stack. */
final class X86Walker {
  private static final long MASK = 0xffff_ffffL;

  /** The task that a task gate interrupts is the ordinary one: KGDT_TSS. */
  private static final int KERNEL_TASK = 0x28;

  /** How often a walk may go to another stack. */
  private static final int MAX_SWITCHES = 64;

  /** Words at the top of a stack in which a switch keeps the other stack's pointer. */
  private static final int SWITCH_WORDS = 4;

  /** A link that goes down by less than a stack's size is no switch but a broken chain. */
  private static final long MIN_SWITCH_DISTANCE = 0x3000;

  private final StackEnvironment environment;
  private final StackWords words;
  private final X86Rules rules;
  private final X86Steps steps;
  private final List<Frame> frames = new ArrayList<>();
  private OptionalLong callout;

  /** The callout frame at which the walk stands, in KiCallUserMode; −1 elsewhere. */
  private long passed = -1;

  private boolean warned;
  private boolean taskUsed;
  private boolean stackChanges;
  private int switches;

  X86Walker(Memory memory, CodeSource code, StackEnvironment environment) {
    this.environment = environment;
    this.words = new StackWords(memory);
    this.rules = new X86Rules(code);
    this.steps = new X86Steps(words, code);
    this.callout = environment.callbackStack();
  }

  CallStack walk(CpuContext start, int maxFrames) {
    X86State state = X86State.of(start);
    CallStack.End end = CallStack.End.FRAME_COUNT;
    while (frames.size() < maxFrames) {
      X86Rule rule = rules.at(state.ip, !state.exact);
      Step step = step(rule, state);
      addFrame(rule, state, step);
      if (step.next == null) {
        end = step.end;
        break;
      }
      if (!progresses(state, step.next, step.kind)) {
        end = CallStack.End.NO_PROGRESS;
        break;
      }
      state = step.next;
    }
    return new CallStack(Arch.X86, frames, List.of(), end);
  }

  /** The registers of a frame, as far as the walk knows them; empty if there is no such frame. */
  static Optional<CpuContext> registers(
      Memory memory, CodeSource code, StackEnvironment environment, CpuContext start, int index) {
    X86Walker walker = new X86Walker(memory, code, environment);
    X86State state = X86State.of(start);
    for (int i = 0; i < index; i++) {
      X86Rule rule = walker.rules.at(state.ip, !state.exact);
      Step step = walker.step(rule, state);
      walker.addFrame(rule, state, step);
      if (step.next == null || !walker.progresses(state, step.next, step.kind)) {
        return Optional.empty();
      }
      state = step.next;
    }
    return Optional.of(index == 0 ? start : state.toContext());
  }

  /** What one row shows and where it leads. */
  static final class Step {
    long base;
    long slot = -1;
    long returnAddress;
    long args;
    Frame.Kind kind = Frame.Kind.CALL;
    Frame.Source source = Frame.Source.NONE;
    @Nullable FrameNote note;
    @Nullable X86State next;
    CallStack.End end = CallStack.End.UNREADABLE;
  }

  private Step step(X86Rule rule, X86State state) {
    if (passed >= 0) {
      long frame = passed;
      passed = -1;
      return steps.callUserMode(frame, rule, state);
    }
    if (rule.entry() == X86Rule.Entry.TASK_GATE && !taskUsed) {
      Optional<CpuContext> task = environment.task(KERNEL_TASK);
      if (task.isPresent() && task.get().sp() != state.sp) {
        taskUsed = true;
        return taskSwitch(task.get(), state);
      }
    }
    Step step = null;
    if (rule.isTrapLike()) {
      step = steps.trap(rule, state, frames.isEmpty() ? -1 : frames.getLast().base());
    }
    if (step == null && !rule.hasUnwindRecord()) {
      long other = switchedFrom(state);
      step = other == 0 ? null : steps.stackSwitch(rule, state, other);
    }
    if (step == null) {
      step = steps.call(rule, state);
    }
    if (steps.isUser(state.ip)
        && callout.isPresent()
        && (step.next == null || rule.function().startsWith("KiUserCallbackDispatcher"))) {
      return leaveUserMode(callout.getAsLong(), step, state);
    }
    return step;
  }

  private Step leaveUserMode(long frame, Step step, X86State state) {
    long function = environment.callUserMode().orElse(0);
    Step left = steps.callout(frame, function, state, step);
    if (left.kind == Frame.Kind.CALLOUT) {
      long outer = steps.nextCallout(frame);
      callout = outer == 0 ? OptionalLong.empty() : OptionalLong.of(outer);
      passed = function == 0 ? -1 : frame;
    }
    return left;
  }

  private static Step taskSwitch(CpuContext task, X86State state) {
    Step step = new Step();
    step.base = state.bp;
    step.args = state.bp + 8;
    step.returnAddress = task.ip();
    step.kind = Frame.Kind.TASK_SWITCH;
    step.source = Frame.Source.TASK_STATE;
    step.note = new FrameNote.TaskGate(KERNEL_TASK);
    step.next = X86State.of(task);
    return step;
  }

  /**
   * Where the outermost function of a DPC or interrupt stack came from: it keeps the stack pointer
   * of the stack that it left in the topmost words of its own. 0 if there is no such word.
   */
  private long switchedFrom(X86State state) {
    Optional<StackEnvironment.Range> own = environment.stackAt(state.sp);
    if (own.isEmpty() || own.get().base() - state.sp > SWITCH_WORDS * 4L) {
      return 0;
    }
    for (long at = state.sp; at < own.get().base(); at += 4) {
      long word = words.u32(at);
      Optional<StackEnvironment.Range> other = environment.stackAt(word);
      if (other.isPresent() && !other.get().contains(at) && (word & 3) == 0) {
        return word;
      }
    }
    return 0;
  }

  private boolean progresses(X86State from, X86State to, Frame.Kind kind) {
    boolean crosses = kind != Frame.Kind.CALL && steps.isUser(from.ip) != steps.isUser(to.ip);
    stackChanges =
        crosses
            || kind == Frame.Kind.TASK_SWITCH
            || kind == Frame.Kind.CALLOUT
            || differentStacks(from.sp, to.sp);
    if (to.sp > from.sp && !stackChanges) {
      return true;
    }
    if (!stackChanges) {
      // An EBP chain that leaves the DPC stack goes to the thread's, which may lie anywhere.
      stackChanges = from.sp - to.sp >= MIN_SWITCH_DISTANCE;
    }
    return stackChanges && ++switches <= MAX_SWITCHES;
  }

  private boolean differentStacks(long from, long to) {
    Optional<StackEnvironment.Range> range = environment.stackAt(from);
    return range.isPresent() && !range.get().contains(to) && environment.stackAt(to).isPresent();
  }

  private void addFrame(X86Rule rule, X86State state, Step step) {
    OptionalLong distance = OptionalLong.empty();
    boolean elsewhere = step.source == Frame.Source.STACK_SWITCH;
    if (!frames.isEmpty() && !stackChanges && !elsewhere) {
      distance = OptionalLong.of(step.base - frames.getLast().base() & MASK);
    }
    Optional<StackWarning> warning = Optional.empty();
    if (!warned && !rule.hasRecords()) {
      warned = true;
      warning =
          Optional.of(
              rule.module() == null
                  ? StackWarning.NOT_IN_MODULE
                  : StackWarning.NO_UNWIND_INFORMATION);
    }
    long a = step.args & MASK;
    frames.add(
        new Frame(
            frames.size(),
            state.ip,
            step.base,
            state.sp,
            step.returnAddress,
            step.slot < 0 ? OptionalLong.empty() : OptionalLong.of(step.slot),
            distance,
            new Frame.Args(words.u32(a), words.u32(a + 4), words.u32(a + 8), 0),
            step.kind,
            step.source,
            Optional.ofNullable(step.note),
            warning,
            FrameRegisters.x86(state),
            state.exact));
  }

  static OptionalInt dwords(int bytes) {
    return OptionalInt.of(bytes < 0 ? 0 : bytes / 4);
  }
}
