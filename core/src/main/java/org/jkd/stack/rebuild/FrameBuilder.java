// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Register;
import org.jspecify.annotations.Nullable;

/** Turns the best chain into frames, gaps and cycles. */
final class FrameBuilder {
  /** A margin that nothing contests. */
  private static final double UNCONTESTED = 60;

  private final Arch arch;
  private final Stacks stacks;
  private final CodeFacts code;
  private final Names names;
  private final Steps steps;
  private final WordJudge judge;

  FrameBuilder(
      Arch arch, Stacks stacks, CodeFacts code, Names names, Steps steps, WordJudge judge) {
    this.arch = arch;
    this.stacks = stacks;
    this.code = code;
    this.names = names;
    this.steps = steps;
    this.judge = judge;
  }

  RebuiltStack build(
      StackRequest request, Optional<ChainFinder.Chain> chain, Segment own, List<String> notes) {
    List<ChainFinder.Hypothesis> path = new ArrayList<>();
    for (ChainFinder.Hypothesis h = chain.map(ChainFinder.Chain::last).orElse(null);
        h != null;
        h = h.inner) {
      path.add(h);
    }
    java.util.Collections.reverse(path);
    if (request.leaveHandlerStack()) {
      leaveHandler(path, own, notes);
    }
    new GapFiller(stacks, steps, code, judge)
        .fill(path, chain.filter(c -> c.end() == Sign.DEAD_END).isPresent(), notes);
    List<Gap> gaps = new ArrayList<>();
    Segment first = path.isEmpty() ? own : segmentOf(path.getFirst(), own);
    List<RebuiltFrame> frames = frames(path, first, gaps);
    OptionalLong sp = OptionalLong.empty();
    if (!path.isEmpty()
        && !path.getFirst().gap
        && path.getFirst().point.context().knows(Register.RSP)
        && !startsFree(path.getFirst())) {
      sp = OptionalLong.of(path.getFirst().point.sp());
    }
    top(path, first, gaps);
    return new RebuiltStack(
        request.thread(),
        first.base(),
        first.limit(),
        sp,
        List.copyOf(frames),
        List.copyOf(gaps),
        Cycles.find(frames),
        List.copyOf(notes));
  }

  private static boolean startsFree(ChainFinder.Hypothesis h) {
    return h.inner == null && (h.step != null || h.point.returned());
  }

  private Segment segmentOf(ChainFinder.Hypothesis h, Segment own) {
    if (h.point.context().knows(Register.RSP)) {
      Optional<Segment> s = stacks.at(h.point.sp());
      if (s.isPresent()) {
        return s.get();
      }
      for (Segment near : stacks.segments()) {
        if (Long.compareUnsigned(near.low() - h.point.sp(), 0x4000) < 0) {
          return near;
        }
      }
    }
    return own;
  }

  /** Cuts the frames of a handler that ran on another stack than what it interrupted. */
  private static void leaveHandler(
      List<ChainFinder.Hypothesis> path, Segment own, List<String> notes) {
    for (int i = 1; i < path.size(); i++) {
      ChainFinder.Hypothesis h = path.get(i);
      if (h.gap) {
        // Where the interrupted code stood is not known; the chain goes on above it.
        notes.add(i + " frames of the handler on a stack of its own are left out");
        begin(path, i, h, h.step);
        return;
      }
      if (h.step == null || own.contains(h.step.slot())) {
        return;
      }
      if (h.step.trapFrame().isPresent()) {
        notes.add(
            i
                + " frames of the handler on a stack of its own are left out: it interrupted the"
                + " first frame shown");
        begin(path, i, h, null);
        return;
      }
    }
  }

  private static void begin(
      List<ChainFinder.Hypothesis> path, int index, ChainFinder.Hypothesis h, @Nullable Step step) {
    ChainFinder.Hypothesis start =
        new ChainFinder.Hypothesis(
            h.point, h.slot, h.score, null, step, false, h.piece, h.anchored);
    start.rivals = h.rivals;
    path.subList(0, index + 1).clear();
    path.addFirst(start);
  }

  private List<RebuiltFrame> frames(
      List<ChainFinder.Hypothesis> path, Segment first, List<Gap> gaps) {
    List<RebuiltFrame> frames = new ArrayList<>(path.size());
    int width = arch.pointerSize();
    for (int i = 0; i < path.size(); i++) {
      ChainFinder.Hypothesis h = path.get(i);
      ChainFinder.@Nullable Hypothesis next = i + 1 < path.size() ? path.get(i + 1) : null;
      boolean register = i == 0 && !startsFree(h);
      OptionalLong slot = register ? OptionalLong.empty() : OptionalLong.of(slotOf(h));
      long from = register ? h.point.sp() : endOf(h);
      if (h.step != null && h.step.next().context().knows(Register.RSP) && stackChanged(h)) {
        from = h.point.sp();
      }
      boolean fromKnown = !register || h.point.context().knows(Register.RSP);
      if (i == 0 && startsFree(h)) {
        gap(gaps, first.low(), slotOf(h) + width, first, "below the innermost frame that is sure");
      }
      long bytes = 0;
      if (next != null && next.gap) {
        OptionalLong end = steps.ownEnd(h.point);
        long to = end.isPresent() ? end.getAsLong() + width : from;
        bytes = fromKnown ? Math.max(0, to - from) : 0;
        String why =
            end.isPresent()
                ? "the return address at " + hex(end.getAsLong()) + " is not one any more"
                : "no rule leads out of the frame";
        gap(gaps, to, endOf(next), first, why);
      } else if (next != null && fromKnown && sameStack(from, slotOf(next))) {
        bytes = Math.max(0, endOf(next) - from);
      }
      frames.add(frame(frames.isEmpty() ? null : frames.getLast(), i, h, next, slot, bytes));
    }
    return frames;
  }

  /**
   * The address after everything that the frame inside this one owns: its return-address slot or,
   * where it is a handler, all that the processor pushed for it (EIP, CS, EFLAGS on x86; five words
   * and their alignment on x64; on x86 ESP and SS too when user mode was interrupted).
   */
  private long endOf(ChainFinder.Hypothesis h) {
    long slot = slotOf(h);
    int width = arch.pointerSize();
    if (h.step == null || h.step.trapFrame().isEmpty()) {
      return slot + width;
    }
    int pushed = arch == Arch.X86 && !isUser(h) ? 3 * width : 5 * width;
    long sp = h.point.context().knows(Register.RSP) ? h.point.sp() : 0;
    long beyond = sp - (slot + pushed);
    return beyond >= 0 && beyond < 16 ? sp : slot + pushed;
  }

  private boolean stackChanged(ChainFinder.Hypothesis h) {
    return h.step != null && !sameStack(h.step.slot(), h.point.sp());
  }

  private boolean sameStack(long a, long b) {
    Optional<Segment> sb = stacks.at(b);
    if (sb.isEmpty()) {
      return false;
    }
    Optional<Segment> sa = stacks.at(a);
    return sa.isPresent()
        ? sa.get() == sb.get()
        : Long.compareUnsigned(sb.get().low() - a, 0x4000) < 0;
  }

  private static long slotOf(ChainFinder.Hypothesis h) {
    return h.step != null ? h.step.slot() : h.slot;
  }

  private static void gap(List<Gap> gaps, long from, long to, Segment first, String why) {
    // A stack pointer that ran out of the stack lies below all that can be shown.
    long start = Long.compareUnsigned(first.low() - from, Stacks.OVERRUN) < 0 ? first.low() : from;
    if (Long.compareUnsigned(start, to) < 0 && first.contains(start)) {
      gaps.add(new Gap(start, to, why));
    }
  }

  /** What lies above the last frame of the first stack. */
  private void top(List<ChainFinder.Hypothesis> path, Segment first, List<Gap> gaps) {
    long last = 0;
    boolean user = false;
    for (ChainFinder.Hypothesis h : path) {
      if (h.step != null && first.contains(h.step.slot())) {
        last = endOf(h);
        user = isUser(h);
      }
    }
    if (last != 0 && last != first.base()) {
      gap(
          gaps,
          last,
          first.base(),
          first,
          user
              ? "the rest of the trap frame and the kernel's area at the top of the stack"
              : "above the outermost frame");
    } else if (path.isEmpty()) {
      gap(gaps, first.low(), first.base(), first, "no frame could be found");
    }
  }

  private static boolean isUser(ChainFinder.Hypothesis h) {
    return (h.point.context().get(Register.CS) & 3) == 3;
  }

  private RebuiltFrame frame(
      @Nullable RebuiltFrame inner,
      int index,
      ChainFinder.Hypothesis h,
      ChainFinder.@Nullable Hypothesis next,
      OptionalLong slot,
      long bytes) {
    long ip = h.point.ip();
    Step step = h.step;
    List<Evidence> evidence =
        step != null
            ? step.evidence()
            : List.of(slot.isPresent() ? Sign.GAP.evidence() : Sign.CONTEXT.evidence());
    double score = Proposal.sum(evidence);
    Trust trust = step != null ? step.trust() : slot.isPresent() ? Trust.SEARCH : Trust.CONTEXT;
    double margin = UNCONTESTED;
    Optional<RebuiltFrame.Alternative> alternative = Optional.empty();
    if (h.inner != null && step != null) {
      for (Step rival : h.inner.rivals) {
        if (rival.slot() != step.slot()) {
          double lead = score - rival.bits();
          if (lead < margin) {
            margin = lead;
            alternative = Optional.of(alternative(rival));
          }
        }
      }
    }
    OptionalLong returnAddress =
        next == null || next.gap ? OptionalLong.empty() : OptionalLong.of(next.point.ip());
    OptionalLong childEbp = OptionalLong.empty();
    if (arch == Arch.X86) {
      if (next != null && !next.gap) {
        // kd repeats the row before for a function that built a trap frame.
        OptionalLong trapFrame = next.step == null ? OptionalLong.empty() : next.step.trapFrame();
        if (trapFrame.isEmpty()) {
          childEbp = OptionalLong.of(slotOf(next) - 4);
        } else {
          childEbp = inner != null ? inner.childEbp() : trapFrame;
        }
      } else if (step != null && step.trapFrame().isPresent() && isUser(h)) {
        childEbp = OptionalLong.of(h.point.context().bp());
      }
    } else if (h.point.context().knows(Register.RSP)) {
      childEbp = OptionalLong.of(h.point.sp());
    }
    return new RebuiltFrame(
        index,
        ip,
        slot,
        childEbp,
        returnAddress,
        code.functionStart(ip),
        names.module(ip),
        names.symbol(ip),
        names.function(ip),
        bytes,
        kind(h, step),
        trust,
        score,
        margin,
        step != null ? step.trapFrame() : OptionalLong.empty(),
        evidence,
        alternative);
  }

  private static RebuiltFrame.Kind kind(ChainFinder.Hypothesis h, @Nullable Step step) {
    return step == null ? RebuiltFrame.Kind.CALL : step.kind();
  }

  private RebuiltFrame.Alternative alternative(Step rival) {
    StringBuilder why = new StringBuilder();
    for (Evidence e : rival.evidence()) {
      if (e.bits() < 0) {
        why.append(why.isEmpty() ? "" : "; ").append(e.detail());
      }
    }
    if (why.isEmpty()) {
      why.append("less speaks for it");
    }
    return new RebuiltFrame.Alternative(
        rival.slot(), rival.next().ip(), rival.bits(), why.toString());
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }
}
