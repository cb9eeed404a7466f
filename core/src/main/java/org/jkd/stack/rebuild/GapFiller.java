// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;

/** Looks into the gaps of a chain for frames that repetition alone tells of. */
final class GapFiller {
  private final Stacks stacks;
  private final CodeFacts code;
  private final WordJudge judge;

  GapFiller(Stacks stacks, CodeFacts code, WordJudge judge) {
    this.stacks = stacks;
    this.code = code;
    this.judge = judge;
  }

  /** Puts what is found into a path, innermost first, and says so in the notes. */
  void fill(List<ChainFinder.Hypothesis> path, boolean deadEnd, List<String> notes) {
    int first = firstGap(path);
    int last = path.size() - 1;
    while (last > first && path.get(last).step == null) {
      last--;
    }
    Step end = first > 0 ? path.get(last).step : null;
    if (end != null) {
      // Pieces between gaps are residue as often as not: all is looked at again.
      ChainFinder.Hypothesis inner = path.get(first - 1);
      long from = inner.point.context().knows(Register.RSP) ? inner.point.sp() : inner.slot;
      Optional<Segment> segment = stacks.at(end.slot());
      if (segment.isPresent() && stacks.near(from).filter(s -> s == segment.get()).isPresent()) {
        List<ChainFinder.Hypothesis> frames =
            between(segment.get(), inner, from, end.slot(), false);
        if (!frames.isEmpty()) {
          say(frames.size(), notes);
          frames.add(connected(frames.getLast(), end));
          path.subList(first, last + 1).clear();
          path.addAll(first, frames);
        }
      }
    }
    if (deadEnd && !path.isEmpty() && path.getLast().point.context().knows(Register.RSP)) {
      ChainFinder.Hypothesis outermost = path.getLast();
      long from = outermost.point.sp();
      Optional<Segment> segment = stacks.near(from);
      if (segment.isPresent()) {
        List<ChainFinder.Hypothesis> frames =
            between(segment.get(), outermost, from, segment.get().base(), true);
        if (!frames.isEmpty()) {
          say(frames.size(), notes);
          path.addAll(frames);
        }
      }
    }
  }

  private static int firstGap(List<ChainFinder.Hypothesis> path) {
    for (int i = 1; i < path.size(); i++) {
      if (path.get(i).gap) {
        return i;
      }
    }
    return -1;
  }

  private static void say(int count, List<String> notes) {
    notes.add(
        count
            + " frames were found by what repeats on the stack, because the code of their modules"
            + " is not at hand; some may be wrong");
  }

  private List<ChainFinder.Hypothesis> between(
      Segment segment, ChainFinder.Hypothesis inner, long from, long to, boolean open) {
    long start = Long.compareUnsigned(from, segment.low()) < 0 ? segment.low() : from;
    Arch arch = stacks.arch();
    List<RepeatedFrames.Found> found =
        new RepeatedFrames(stacks, code, judge).between(segment, arch, start, to, open);
    List<ChainFinder.Hypothesis> frames = new ArrayList<>(found.size() + 1);
    ChainFinder.Hypothesis last = inner;
    for (RepeatedFrames.Found f : found) {
      CpuContext called =
          new CpuContext.Builder(arch)
              .with(Register.RIP, f.ip())
              .with(Register.RSP, f.slot() + arch.pointerSize())
              .build();
      Step step =
          new Step(
              f.slot(),
              f.trap().map(t -> new Point(t.context(), false)).orElse(new Point(called, true)),
              f.trap().isPresent() ? RebuiltFrame.Kind.TRAP : RebuiltFrame.Kind.CALL,
              f.trap().map(t -> OptionalLong.of(t.address())).orElse(OptionalLong.empty()),
              f.evidence(),
              f.bits(),
              f.trust(),
              false);
      last = connected(last, step);
      frames.add(last);
    }
    return frames;
  }

  private static ChainFinder.Hypothesis connected(ChainFinder.Hypothesis inner, Step step) {
    return new ChainFinder.Hypothesis(
        step.next(), step.slot(), inner.score + step.bits(), inner, step, false, 0, false);
  }
}
