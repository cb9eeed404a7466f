// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.image.Cancellation;
import org.jspecify.annotations.Nullable;

/**
 * Finds the best chain from the innermost place to the outer end of the stack.
 *
 * <p>Return-address slots are visited from low to high addresses. Each holds a few hypotheses: a
 * caller with the registers that the chain inside it leaves. A hypothesis whose own rule leads to a
 * convincing word follows it and nothing else. Only where the rule is missing or its word is not
 * convincing does it search, or leave a gap: residue consists of genuine return addresses of chains
 * that were consistent once, so consistency alone must never tempt the chain away from a frame that
 * says where its caller is.
 */
final class ChainFinder {
  /** Alternatives kept for one slot. */
  private static final int KEPT = 3;

  /** What a step adds that is as it should be. */
  private static final double NORMAL = 1;

  private static final int SEARCH_WINDOW = 0x1000;

  /** Share of an unanchored piece's score that a second gap takes away again. */
  private static final double UNANCHORED = 0.85;

  /** The same where the return address is known to have been overwritten. */
  private static final double UNANCHORED_LOST = 0.3;

  /** A chain may end this close to where the stack begins without losing anything, bytes. */
  private static final long TOP = 0x80;

  /** A place that the chain may have come to, and how. */
  static final class Hypothesis {
    final Point point;
    final long slot;
    final double score;
    final @Nullable Hypothesis inner;
    final @Nullable Step step;
    final boolean gap;

    /** What was collected since the chain last broke; all of it when it never did. */
    final double piece;

    /** True when the chain has not been broken since the registers. */
    final boolean anchored;

    List<Step> rivals = List.of();

    /** The slot at which its own return address was and is not any more; 0 if that is not known. */
    long lost;

    Hypothesis(
        Point point,
        long slot,
        double score,
        @Nullable Hypothesis inner,
        @Nullable Step step,
        boolean gap,
        double piece,
        boolean anchored) {
      this.point = point;
      this.slot = slot;
      this.score = score;
      this.inner = inner;
      this.step = step;
      this.gap = gap;
      this.piece = piece;
      this.anchored = anchored;
    }
  }

  /** A finished chain. */
  record Chain(Hypothesis last, double score, Sign end) {}

  private final Stacks stacks;
  private final Steps steps;
  private final WordJudge judge;
  private final CodeFacts code;
  private final OptionalLong initialStack;
  private final Set<Segment> done = new LinkedHashSet<>();
  private final Map<Segment, List<Hypothesis>> waiting = new LinkedHashMap<>();
  private @Nullable Chain best;
  private @Nullable Segment own;
  private @Nullable Hypothesis lastStuck;

  /**
   * @param initialStack KTHREAD.InitialStack: where the outermost frame begins
   */
  ChainFinder(
      Stacks stacks, Steps steps, WordJudge judge, CodeFacts code, OptionalLong initialStack) {
    this.stacks = stacks;
    this.steps = steps;
    this.judge = judge;
    this.code = code;
    this.initialStack = initialStack;
  }

  /**
   * Finds the best chain.
   *
   * @param starts points with their scores
   * @param free the stacks on which a chain may start anywhere, those that others lead to last
   * @param ownStack the thread's own stack, where every chain must end
   */
  Optional<Chain> find(Map<Point, Double> starts, Set<Segment> free, Segment ownStack) {
    own = ownStack;
    for (Map.Entry<Point, Double> start : starts.entrySet()) {
      Point p = start.getKey();
      Hypothesis h =
          new Hypothesis(p, below(p), start.getValue(), null, null, false, start.getValue(), true);
      Optional<Segment> segment =
          p.context().knows(Register.RSP) ? stacks.near(p.sp()) : stacks.at(p.context().bp());
      waiting.computeIfAbsent(segment.orElse(ownStack), s -> new ArrayList<>()).add(h);
    }
    free.forEach(s -> waiting.computeIfAbsent(s, x -> new ArrayList<>()));
    while (true) {
      Optional<Segment> next = waiting.keySet().stream().filter(s -> !done.contains(s)).findFirst();
      if (next.isPresent()) {
        run(next.get(), free.contains(next.get()));
        done.add(next.get());
      } else if (!done.contains(ownStack)) {
        // No rule led to the thread's own stack: it goes on there all the same.
        waiting.put(ownStack, List.of());
      } else {
        return Optional.ofNullable(best);
      }
    }
  }

  private long below(Point p) {
    return p.context().knows(Register.RSP) ? p.sp() - stacks.arch().pointerSize() : 0;
  }

  private void run(Segment segment, boolean free) {
    int count = segment.count();
    int width = segment.width();
    @Nullable List<Hypothesis>[] at = newLists(count + 1); // [0] is below the first word
    for (Hypothesis h : waiting.getOrDefault(segment, List.of())) {
      int i = segment.contains(h.slot) ? segment.index(h.slot & -width) + 1 : 0;
      put(at, i, h);
    }
    Stuck stuck = new Stuck(segment);
    if (lastStuck != null && waiting.getOrDefault(segment, List.of()).isEmpty()) {
      stuck.add(lastStuck, lastStuck.score + Sign.GAP.bits());
    }
    for (int i = 0; i <= count; i++) {
      Cancellation.check();
      if (i > 0 && segment.knows(i - 1)) {
        long value = segment.word(i - 1);
        if (judge.word(value).proven() && (!stuck.isEmpty() || free)) {
          enter(segment, i, value, stuck, free, at);
        }
      }
      if (i > 0 && !stuck.isEmpty()) {
        boundary(segment, i, stuck);
      }
      List<Hypothesis> here = at[i];
      if (here == null) {
        continue;
      }
      for (Hypothesis h : here) {
        if (expand(segment, h, at)) {
          double gap = h.lost != 0 ? Sign.LOST_RETURN.bits() : Sign.GAP.bits();
          stuck.add(
              h,
              h.score
                  + gap
                  - (h.anchored ? 0 : (h.lost != 0 ? UNANCHORED_LOST : UNANCHORED) * h.piece)
                  - Sign.SKIPPED.bits() * i);
          if (lastStuck == null || h.score > lastStuck.score) {
            lastStuck = h;
          }
        }
      }
      at[i] = null;
    }
  }

  /** A trap frame from user mode ends every chain, also one that is broken below it. */
  private void boundary(Segment segment, int i, Stuck stuck) {
    long slot = segment.address(i - 1);
    Optional<TrapFrame> trap = stacks.traps(segment).withIpAt(slot);
    int best = stuck.before(slot);
    if (trap.isEmpty() || !trap.get().user() || best < 0) {
      return;
    }
    double score = stuck.values.get(best) + Sign.SKIPPED.bits() * i + Sign.NOTHING_BELOW.bits();
    Step step = steps.toTrapFrame(trap.get());
    Hypothesis h =
        new Hypothesis(step.next(), slot, score, stuck.hypotheses.get(best), step, true, 0, false);
    end(h, score + Sign.USER_BOUNDARY.bits(), Sign.USER_BOUNDARY);
  }

  /** The best hypotheses that no rule leads on from, with what a gap behind them is worth. */
  private static final class Stuck {
    private final Segment segment;
    private final List<Hypothesis> hypotheses = new ArrayList<>();
    private final List<Double> values = new ArrayList<>();

    Stuck(Segment segment) {
      this.segment = segment;
    }

    boolean isEmpty() {
      return hypotheses.isEmpty();
    }

    void add(Hypothesis h, double value) {
      int at = 0;
      while (at < values.size() && values.get(at) >= value) {
        at++;
      }
      if (at < KEPT) {
        hypotheses.add(at, h);
        values.add(at, value);
        if (values.size() > KEPT) {
          hypotheses.removeLast();
          values.removeLast();
        }
      }
    }

    /** The number of the best one whose gap can end at a slot, -1 if there is none. */
    int before(long slot) {
      for (int i = 0; i < hypotheses.size(); i++) {
        Hypothesis h = hypotheses.get(i);
        long from = h.lost != 0 ? h.lost : h.slot;
        if (!segment.contains(h.slot) || Long.compareUnsigned(from, slot) < 0) {
          return i;
        }
      }
      return -1;
    }
  }

  @SuppressWarnings("unchecked")
  private static @Nullable List<Hypothesis>[] newLists(int count) {
    return (List<Hypothesis>[]) new List<?>[count];
  }

  /** A return address to which the chain may come over a gap, or where it may start. */
  private void enter(
      Segment segment,
      int i,
      long value,
      Stuck stuck,
      boolean free,
      @Nullable List<Hypothesis>[] at) {
    long slot = segment.address(i - 1);
    Point point =
        new Point(
            CpuContext.unknown(stacks.arch())
                .with(Register.RIP, value)
                .with(Register.RSP, slot + segment.width()),
            true);
    boolean aligned = segment.width() == 4 || (slot & 15) == 8;
    double bits = aligned ? 1 : 1 + Sign.MISALIGNED.bits();
    int best = stuck.before(slot);
    if (best >= 0) {
      Hypothesis from = stuck.hypotheses.get(best);
      double score = stuck.values.get(best) + Sign.SKIPPED.bits() * i + bits;
      if (elsewhere(segment, from)
          && judge.word(value).call().filter(code::switchesStack).isEmpty()) {
        // Only a function that leaves its stack can be where the other stack was left.
        score += Sign.NO_SWITCH.bits();
      }
      put(at, i, new Hypothesis(point, slot, score, from, null, true, bits, false));
    }
    if (free) {
      put(at, i, new Hypothesis(point, slot, bits, null, null, false, bits, false));
    }
  }

  /** True when a hypothesis stands on another stack than this one. */
  private boolean elsewhere(Segment segment, Hypothesis h) {
    return !segment.contains(h.slot)
        && h.point.context().knows(Register.RSP)
        && stacks.near(h.point.sp()).filter(s -> s == segment).isEmpty();
  }

  private static void put(@Nullable List<Hypothesis>[] at, int i, Hypothesis h) {
    List<Hypothesis> list = at[i];
    if (list == null) {
      list = new ArrayList<>(2);
      at[i] = list;
    }
    for (int k = 0; k < list.size(); k++) {
      Hypothesis other = list.get(k);
      if (same(other.point.context(), h.point.context())) {
        if (other.score < h.score) {
          list.set(k, h);
        }
        return;
      }
    }
    list.add(h);
    list.sort((a, b) -> Double.compare(b.score, a.score));
    if (list.size() > KEPT) {
      list.removeLast();
    }
  }

  private static boolean same(CpuContext a, CpuContext b) {
    return a.ip() == b.ip() && a.knows(Register.RBP) == b.knows(Register.RBP) && a.bp() == b.bp();
  }

  /** Follows a hypothesis outwards. True when its own rules do not lead on convincingly. */
  private boolean expand(Segment segment, Hypothesis h, @Nullable List<Hypothesis>[] at) {
    List<Step> found = steps.from(h.point);
    h.rivals = best(found);
    boolean strong = false;
    for (Step step : found) {
      if (strong && step.bits() < Step.STRONG) {
        break;
      }
      strong |= step.strong();
      take(segment, h, step, at);
    }
    if (strong) {
      return false;
    }
    OptionalLong end = steps.ownEnd(h.point);
    if (end.isPresent()
        && segment.knows(end.getAsLong())
        && !judge.word(segment.wordAt(end.getAsLong())).candidate()
        && found.isEmpty()) {
      h.lost = end.getAsLong();
      finish(h, segment);
      return true;
    }
    List<Step> searched = steps.search(h.point, SEARCH_WINDOW);
    List<Step> all = new ArrayList<>(found);
    for (Step step : searched) {
      take(segment, h, step, at);
      all.add(step);
    }
    for (Step step : steps.switches(h.point)) {
      take(segment, h, step, at);
      all.add(step);
    }
    h.rivals = best(all);
    finish(h, segment);
    return true;
  }

  /** The best step and the best one to another slot: one of them is the best rival of any other. */
  private static List<Step> best(List<Step> steps) {
    if (steps.size() <= 1) {
      return List.copyOf(steps);
    }
    List<Step> sorted = new ArrayList<>(steps);
    sorted.sort((a, b) -> Double.compare(b.bits(), a.bits()));
    Step first = sorted.getFirst();
    for (Step step : sorted) {
      if (step.slot() != first.slot()) {
        return List.of(first, step);
      }
    }
    return List.of(first);
  }

  private void take(Segment segment, Hypothesis h, Step step, @Nullable List<Hypothesis>[] at) {
    double gain = gain(step);
    Hypothesis next =
        new Hypothesis(
            step.next(), step.slot(), h.score + gain, h, step, false, h.piece + gain, h.anchored);
    boolean user =
        step.trapFrame().isPresent()
            && step.next().context().knows(Register.CS)
            && (step.next().context().get(Register.CS) & 3) == 3;
    if (user) {
      end(next, next.score + Sign.USER_BOUNDARY.bits(), Sign.USER_BOUNDARY);
      return;
    }
    long place = step.slot();
    boolean moved =
        step.next().context().knows(Register.RSP) && !segment.contains(step.next().sp());
    if (moved) {
      Optional<Segment> other = stacks.near(step.next().sp());
      if (other.isPresent() && !done.contains(other.get()) && other.get() != segment) {
        waiting
            .computeIfAbsent(other.get(), s -> new ArrayList<>())
            .add(
                new Hypothesis(
                    next.point,
                    below(next.point),
                    next.score,
                    next.inner,
                    next.step,
                    false,
                    next.piece,
                    next.anchored));
        return;
      }
      finish(next, segment);
      return;
    }
    int index = segment.index(place);
    if (index >= 0) {
      put(at, index + 1, next);
    }
  }

  /**
   * What a step adds to a chain. Residue is as consistent as live frames are, so a step that rules
   * and words agree on is merely normal; a step that they do not agree on costs what it lacks.
   */
  private static double gain(Step step) {
    return step.strong() ? NORMAL : Math.min(step.bits(), Step.FULL) - Step.FULL;
  }

  private void finish(Hypothesis h, Segment segment) {
    long top = segment.base();
    if (initialStack.isPresent() && segment.contains(initialStack.getAsLong())) {
      top = initialStack.getAsLong();
    }
    long left = top - h.slot;
    if (segment == own && left >= 0 && left <= TOP) {
      end(h, h.score + Sign.THREAD_START.bits(), Sign.THREAD_START);
    } else {
      double words =
          own != null && segment != own
              ? own.count()
              : Math.max(0, (double) left) / segment.width();
      end(h, h.score + Sign.DEAD_END.bits() + Sign.SKIPPED.bits() * words, Sign.DEAD_END);
    }
  }

  private void end(Hypothesis h, double score, Sign sign) {
    if (best == null || score > best.score()) {
      best = new Chain(h, score, sign);
    }
  }
}
