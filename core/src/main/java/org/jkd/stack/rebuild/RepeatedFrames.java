// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jspecify.annotations.Nullable;

/**
 * Finds frames of which no code and no unwind information is at hand, from what repeats.
 *
 * <p>The distance from a return address to the next one outwards depends on the return address
 * alone, on x64 always, on x86 nearly so. An overflow consists of the same functions over and over,
 * so the right choice of return addresses is one in which each has one distance wherever it is
 * chosen. Words that only look like it lead to different distances, or are chosen at few of the
 * places where they lie. The best path is found, distances are learned from it, and that is done
 * again until nothing changes. Where some code is at hand, what it says is kept to. What is found
 * is a likely chain, no proof: frames that only repetition tells of are {@link Trust#SEARCH}.
 */
final class RepeatedFrames {
  /** The furthest that the next return address may lie away, bytes. */
  private static final int REACH = 0x800;

  /** How far from the innermost place the path may begin, bytes. */
  private static final int START = 0x300;

  private static final int ROUNDS = 12;

  /** Where fewer words lie in code that is not at hand, nothing is missing. */
  private static final int MIN_UNKNOWN = 4;

  /** A path with fewer frames is not believed. */
  private static final int MIN_FRAMES = 8;

  /**
   * The share of a believed path's frames whose return address is on it three times or more. On the
   * x64 corpus without code 88 to 98 % of the frames were true above it, about half below. x86
   * stacks without any code are not believed: a third of what was found there was wrong.
   */
  private static final double MIN_SHARE = 0.8;

  /** The same where code is known for at least a quarter of the frames. */
  private static final double MIN_SHARE_KNOWN = 0.7;

  private static final double KNOWN_SHARE = 0.25;

  /** Places at which a distance must have been seen to count fully. */
  private static final int ENOUGH = 3;

  /** A frame of this size costs one bit. */
  private static final double BYTES_PER_BIT = 0x400;

  /** The share of chosen places below which a value speaks against itself. */
  private static final double NEUTRAL_SHARE = 0.65;

  /** Of values chosen at a smaller share of their places 1 in 15 was live on five corpus stacks. */
  private static final double MIN_LIVE = 0.6;

  /** What a frame adds that is as its code says: residue is, too (see ChainFinder). */
  private static final double NORMAL = 1;

  private final Candidates all;
  private final Arch arch;
  private final long from;
  private final long to;
  private final boolean open;
  private final int step;
  private final int[][] seen;
  private final int[] used;
  private final boolean[] chosen;
  private final Map<Long, Integer> pairs = new HashMap<>();

  /**
   * @param from the lowest slot that may be one
   * @param to the slot outside the outermost frame
   * @param open true when {@code to} is merely where the stack ends
   */
  RepeatedFrames(Candidates all, Arch arch, long from, long to, boolean open) {
    this.all = all;
    this.arch = arch;
    this.from = from;
    this.open = open;
    this.to = open ? all.slots[all.count() - 1] + REACH : to;
    this.step = arch == Arch.X86 ? 4 : 16;
    this.seen = new int[all.values.length][REACH / step + 1];
    this.used = new int[all.values.length];
    this.chosen = new boolean[all.count()];
  }

  /** The steps from frame to frame, innermost first; empty when too little repeats to say. */
  List<Step> find() {
    if (all.unknown < MIN_UNKNOWN) {
      return List.of();
    }
    int[] path = new int[0];
    for (int round = 0; round < ROUNDS; round++) {
      count(path);
      int[] next = best(path.length > 0);
      if (Arrays.equals(next, path)) {
        break;
      }
      path = next;
      if (path.length == 0) {
        return List.of();
      }
    }
    count(path);
    path =
        Arrays.stream(path)
            .filter(k -> all.rule(k) != null || !mostlyElsewhere(all.ids[k]))
            .toArray();
    return believed(path) ? steps(path) : List.of();
  }

  /** Counts, for each value, at how many chosen places a candidate lies at each distance. */
  private void count(int[] path) {
    boolean first = path.length == 0;
    Arrays.fill(chosen, first);
    for (int k : path) {
      chosen[k] = true;
    }
    Arrays.fill(used, 0);
    for (int[] row : seen) {
      Arrays.fill(row, 0);
    }
    long[] slots = all.slots;
    for (int k = 0; k < slots.length; k++) {
      if (!chosen[k]) {
        continue;
      }
      used[all.ids[k]]++;
      int[] row = seen[all.ids[k]];
      for (int n = k + 1; n < slots.length && slots[n] - slots[k] <= REACH; n++) {
        if (!first || !all.isRound(all.ids[n])) {
          row[(int) (slots[n] - slots[k]) / step]++;
        }
      }
      if (!open && !first && to - slots[k] <= REACH && (to - slots[k]) % step == 0) {
        row[(int) (to - slots[k]) / step]++;
      }
    }
    pairs.clear();
    for (int i = 0; i + 1 < path.length; i++) {
      pairs.merge(all.pair(path[i], path[i + 1]), 1, Integer::sum);
    }
  }

  /** The best path from near the lowest slot to the end, as numbers of candidates. */
  private int[] best(boolean again) {
    long[] slots = all.slots;
    double[] score = new double[slots.length];
    int[] next = new int[slots.length];
    int start = -1;
    for (int k = slots.length - 1; k >= 0; k--) {
      double best = Double.NEGATIVE_INFINITY;
      next[k] = -1;
      for (int n = k + 1; n <= slots.length; n++) {
        long slot = n < slots.length ? slots[n] : to;
        if (slot - slots[k] > REACH) {
          break;
        }
        if (n == slots.length || next[n] >= 0) {
          double s = hop(k, n, slot, again) + (n < slots.length ? score[n] : 0);
          if (s > best) {
            best = s;
            next[k] = n;
          }
        }
      }
      score[k] = best + itself(k, again);
      if (next[k] >= 0 && slots[k] - from < START && (start < 0 || score[k] >= score[start])) {
        start = k;
      }
    }
    int[] path = new int[slots.length];
    int count = 0;
    for (int k = start; k >= 0 && k < slots.length; k = next[k]) {
      path[count++] = k;
    }
    return Arrays.copyOf(path, count);
  }

  /** What speaks for a candidate by itself, in bits. */
  private double itself(int k, boolean again) {
    if (all.isTrap(k)) {
      return NORMAL;
    }
    int id = all.ids[k];
    int places = all.places[id];
    double bits = all.isProven(id) ? 0 : shape(id).bits() / Math.sqrt(places);
    if (again && places > 1) {
      bits += 2 * Sign.MOSTLY_LIVE.bits() * ((double) used[id] / places - NEUTRAL_SHARE);
    }
    return bits;
  }

  private Sign shape(int id) {
    return all.isRound(id) ? Sign.ROUND_VALUE : Sign.POSSIBLE_CODE;
  }

  /** What speaks for going from one candidate to another, in bits. */
  private double hop(int k, int n, long slot, boolean again) {
    boolean end = n == all.count();
    if (open && end) {
      return 0;
    }
    long distance = slot - all.slots[k];
    double bits = (end ? 0 : Math.min(NORMAL, all.target(k, n))) - distance / BYTES_PER_BIT;
    Step rule = all.rule(k);
    if (rule != null) {
      return bits + (rule.slot() == slot ? NORMAL : Sign.NO_CALL.bits());
    }
    int id = all.ids[k];
    boolean self = again && chosen[k];
    int total = used[id] - (self ? 1 : 0);
    int column = (int) (distance / step);
    boolean fits = distance % step == 0;
    if (all.link(k) == slot) {
      bits += Sign.SAME_DISTANCE.bits();
    } else if (total <= 0) {
      bits += (!again || self ? Sign.SEEN_ONCE : Sign.NOT_CHOSEN).bits();
      bits += fits && neighbourHas(id, column) ? Sign.NEIGHBOUR_DISTANCE.bits() : 0;
    } else {
      double share = fits ? (double) (seen[id][column] - (self ? 1 : 0)) / total : 0;
      bits +=
          (Sign.SAME_DISTANCE.bits() * share + Sign.DISTANCE_BROKEN.bits() * (1 - share))
              * Math.min(1, (double) total / ENOUGH);
    }
    if (again && !end) {
      Integer times = pairs.get(all.pair(k, n));
      bits += times != null && times > (self && chosen[n] ? 1 : 0) ? Sign.SAME_PAIR.bits() : 0;
    }
    return bits;
  }

  private boolean neighbourHas(int id, int column) {
    for (int other : all.neighbours[id]) {
      if (used[other] > 1 && seen[other][column] == used[other]) {
        return true;
      }
    }
    return false;
  }

  /** True for a value that is common on the stack and on the path at too few of its places. */
  private boolean mostlyElsewhere(int id) {
    return used[id] >= ENOUGH && used[id] < MIN_LIVE * all.places[id];
  }

  private boolean believed(int[] path) {
    int repeated = 0;
    int known = 0;
    for (int k : path) {
      repeated += used[all.ids[k]] >= ENOUGH || all.rule(k) != null ? 1 : 0;
      known += all.rule(k) != null ? 1 : 0;
    }
    boolean some = known >= KNOWN_SHARE * path.length;
    return path.length >= MIN_FRAMES
        && (some || arch == Arch.X64)
        && repeated >= (some ? MIN_SHARE_KNOWN : MIN_SHARE) * path.length;
  }

  private List<Step> steps(int[] path) {
    List<Step> steps = new ArrayList<>(path.length);
    for (int i = 0; i < path.length; i++) {
      int k = path[i];
      @Nullable Step rule = i > 0 ? all.rule(path[i - 1]) : null;
      if (rule != null && rule.slot() == all.slots[k]) {
        steps.add(rule);
      } else {
        steps.add(searched(k, (i + 1 < path.length ? all.slots[path[i + 1]] : to) - all.slots[k]));
      }
    }
    return steps;
  }

  private Step searched(int k, long distance) {
    List<Evidence> evidence = new ArrayList<>(3);
    evidence.add(Sign.SEARCHED.evidence());
    int id = all.ids[k];
    if (!all.isProven(id)) {
      evidence.add(shape(id).evidence());
    }
    int column = (int) (distance / step);
    int same = column < seen[id].length ? seen[id][column] : 0;
    if (all.rule(k) == null) {
      evidence.add(
          used[id] < 2
              ? Sign.SEEN_ONCE.evidence()
              : (same == used[id] ? Sign.SAME_DISTANCE : Sign.DISTANCE_BROKEN)
                  .evidence(
                      "distance 0x"
                          + Long.toHexString(distance)
                          + " at "
                          + same
                          + " of "
                          + used[id]
                          + " places"));
    }
    CpuContext context =
        new CpuContext.Builder(arch)
            .with(Register.RIP, all.value(k))
            .with(Register.RSP, all.slots[k] + arch.pointerSize())
            .build();
    return new Step(
        all.slots[k],
        new Point(context, !all.isTrap(k)),
        all.isTrap(k) ? RebuiltFrame.Kind.TRAP : RebuiltFrame.Kind.CALL,
        OptionalLong.empty(),
        List.copyOf(evidence),
        Proposal.sum(evidence),
        Trust.SEARCH,
        false);
  }
}
