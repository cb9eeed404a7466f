// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Register;

/** Looks into the gaps of a chain for frames that repetition alone tells of. */
final class GapFiller {
  /** A chain that crosses a smaller share of its bytes without a rule is better left alone. */
  private static final double MIN_UNCOVERED = 0.25;

  private final Stacks stacks;
  private final Steps steps;
  private final CodeFacts code;
  private final WordJudge judge;

  GapFiller(Stacks stacks, Steps steps, CodeFacts code, WordJudge judge) {
    this.stacks = stacks;
    this.steps = steps;
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
        if (frames.size() > last - first
            && uncovered(path, first, last) > MIN_UNCOVERED * (end.slot() - from)) {
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

  /** Where the chain is broken first, or had to be searched for want of code. */
  private int firstGap(List<ChainFinder.Hypothesis> path) {
    for (int i = 1; i < path.size(); i++) {
      if (isWeak(path, i)) {
        return i;
      }
    }
    return -1;
  }

  private boolean isWeak(List<ChainFinder.Hypothesis> path, int i) {
    Step step = path.get(i).step;
    Point inner = path.get(i - 1).point;
    return path.get(i).gap
        || step != null
            && step.trust() == Trust.SEARCH
            && code.layout(inner.ip(), inner.returned()).isEmpty();
  }

  /** The bytes that the chain crosses without a rule. */
  private long uncovered(List<ChainFinder.Hypothesis> path, int first, int last) {
    long bytes = 0;
    for (int i = first; i <= last; i++) {
      long distance = path.get(i).slot - path.get(i - 1).slot;
      bytes += isWeak(path, i) && distance > 0 ? distance : 0;
    }
    return bytes;
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
    Optional<Candidates> candidates = Candidates.of(segment, start, to, stacks, steps, judge);
    List<ChainFinder.Hypothesis> frames = new ArrayList<>();
    if (candidates.isEmpty()) {
      return frames;
    }
    ChainFinder.Hypothesis last = inner;
    for (Step step : new RepeatedFrames(candidates.get(), stacks.arch(), start, to, open).find()) {
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
