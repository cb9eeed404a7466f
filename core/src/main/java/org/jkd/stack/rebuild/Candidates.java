// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jspecify.annotations.Nullable;

/**
 * The words of a part of a stack that may be return addresses or the instruction pointers of trap
 * frames, numbered from the lowest slot, and what is known of each by itself.
 */
final class Candidates {
  /** More candidates than this are not looked at: time is bounded, not the stack. */
  private static final int MAX = 1 << 16;

  /** Return addresses this close to each other may belong to the same function, bytes. */
  private static final int NEIGHBOURS = 0x80;

  /** The slot of each candidate, ascending. */
  final long[] slots;

  /** The number of each candidate's value; equal values have equal numbers. */
  final int[] ids;

  /** The values by number. */
  final long[] values;

  /** For each value the number of candidates that hold it. */
  final int[] places;

  /** For each value the numbers of values near it. */
  final int[][] neighbours;

  /** How many candidates lie in code that is not at hand. */
  final int unknown;

  private final @Nullable Step[] steps;
  private final long[] links;
  private final boolean[] trap;
  private final boolean[] proven;
  private final WordJudge judge;
  private final CpuContext none;
  private final Map<Long, Double> targets = new HashMap<>();

  private Candidates(
      Segment segment, List<Integer> words, Stacks stacks, Steps rules, WordJudge judge) {
    this.judge = judge;
    this.none = CpuContext.unknown(stacks.arch());
    int count = words.size();
    slots = new long[count];
    ids = new int[count];
    trap = new boolean[count];
    steps = new Step[count];
    links = new long[count];
    Map<Long, Integer> numbers = new HashMap<>();
    List<Long> distinct = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      slots[k] = segment.address(words.get(k));
      long value = segment.word(words.get(k));
      Integer id = numbers.putIfAbsent(value, distinct.size());
      ids[k] = id == null ? distinct.size() : id;
      if (id == null) {
        distinct.add(value);
      }
    }
    values = distinct.stream().mapToLong(v -> v).toArray();
    proven = new boolean[values.length];
    places = new int[values.length];
    int missing = 0;
    for (int k = 0; k < count; k++) {
      places[ids[k]]++;
      proven[ids[k]] = judge.word(values[ids[k]]).proven();
      Optional<TrapFrame> found = stacks.traps(segment).withIpAt(slots[k]);
      trap[k] = found.isPresent();
      missing += proven[ids[k]] || trap[k] ? 0 : 1;
      if (trap[k] || proven[ids[k]]) {
        steps[k] = strong(rules.from(found.map(t -> new Point(t.context(), false)).orElse(at(k))));
      }
      long link = segment.width() == 4 ? segment.wordAt(slots[k] - 4) : 0;
      links[k] = link - slots[k] > 0 && segment.knows(link + 4) ? link + 4 : 0;
    }
    unknown = missing;
    neighbours = neighbours();
  }

  /**
   * Collects the candidates of a part of a stack; empty when there are too many or none.
   *
   * @param from the lowest slot that counts
   * @param to the address after the last
   */
  static Optional<Candidates> of(
      Segment segment, long from, long to, Stacks stacks, Steps rules, WordJudge judge) {
    List<Integer> words = new ArrayList<>();
    for (int i = segment.firstKnown(0); i >= 0; i = segment.firstKnown(i + 1)) {
      long slot = segment.address(i);
      if (Long.compareUnsigned(slot, to) >= 0 || words.size() > MAX) {
        break;
      }
      boolean aligned = segment.width() == 4 || (slot & 15) == 8;
      if (aligned
          && Long.compareUnsigned(slot, from) >= 0
          && (judge.word(segment.word(i)).candidate()
              || stacks.traps(segment).withIpAt(slot).filter(t -> !t.user()).isPresent())) {
        words.add(i);
      }
    }
    return words.isEmpty() || words.size() > MAX
        ? Optional.empty()
        : Optional.of(new Candidates(segment, words, stacks, rules, judge));
  }

  private static @Nullable Step strong(List<Step> steps) {
    for (Step step : steps) {
      if (step.strong()) {
        return step;
      }
    }
    return null;
  }

  private int[][] neighbours() {
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Long.compareUnsigned(values[a], values[b]));
    int[][] near = new int[values.length][];
    for (int i = 0; i < order.length; i++) {
      int low = i;
      while (low > 0 && values[order[i]] - values[order[low - 1]] < NEIGHBOURS) {
        low--;
      }
      int high = i + 1;
      while (high < order.length && values[order[high]] - values[order[i]] < NEIGHBOURS) {
        high++;
      }
      int[] mine = new int[high - low - 1];
      for (int k = low, at = 0; k < high; k++) {
        if (k != i) {
          mine[at++] = order[k];
        }
      }
      near[order[i]] = mine;
    }
    return near;
  }

  int count() {
    return slots.length;
  }

  long value(int k) {
    return values[ids[k]];
  }

  /** True for the instruction pointer of a trap frame. */
  boolean isTrap(int k) {
    return trap[k];
  }

  /** True when a call precedes the value for certain. */
  boolean isProven(int id) {
    return proven[id];
  }

  /** True for a multiple of 16. */
  boolean isRound(int id) {
    return (values[id] & 15) == 0;
  }

  /** Where code, records or a trap frame say that a candidate's frame ends; null if they do not. */
  @Nullable Step rule(int k) {
    return steps[k];
  }

  /** The slot to which the frame pointer below a candidate leads; 0 when it is none. */
  long link(int k) {
    return links[k];
  }

  /** Two candidates' values as one number. */
  long pair(int inner, int outer) {
    return (long) ids[inner] << 32 | ids[outer];
  }

  /** What the call before the outer value says about the inner one, in bits. */
  double target(int inner, int outer) {
    if (trap[inner] || trap[outer]) {
      return 0;
    }
    return targets.computeIfAbsent(
        pair(inner, outer),
        p -> judge.target(value(outer), at(inner)).map(Evidence::bits).orElse(0.0));
  }

  private Point at(int k) {
    return new Point(
        none.with(Register.RIP, value(k)).with(Register.RSP, slots[k] + none.arch().pointerSize()),
        true);
  }
}
