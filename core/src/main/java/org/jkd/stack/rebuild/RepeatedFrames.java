// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.stack.VirtualUnwind;

/**
 * Finds frames on an x64 stack of which no code and no unwind information is at hand, from what
 * repeats.
 *
 * <p>On x64 the distance from a return address to the next one outwards depends on the return
 * address alone. An overflow consists of the same functions over and over, so the right choice of
 * return addresses is one in which each has one distance wherever it is chosen. Words that only
 * look like it lead to different distances, or are chosen at few of the places where they lie. The
 * best path is found, distances are learned from it, and that is done again until nothing changes.
 * What it finds is a likely chain, no proof: every frame is called {@link Trust#SEARCH}.
 */
final class RepeatedFrames {
  /** The furthest that the next return address may lie away, bytes. */
  private static final int REACH = 0x800;

  /** How far from the innermost place the path may begin, bytes. */
  private static final int START = 0x300;

  /** Return addresses this close to each other may belong to the same function, bytes. */
  private static final int NEIGHBOURS = 0x80;

  private static final int ROUNDS = 12;

  /** Words of more candidates are not looked at: time is bounded, not the stack. */
  private static final int MAX_CANDIDATES = 1 << 16;

  /** Where fewer words lie in code that is not at hand, nothing is missing. */
  private static final int MIN_UNKNOWN = 4;

  /** A path with fewer frames is not believed. */
  private static final int MIN_FRAMES = 8;

  /**
   * The share of a believed path's frames whose return address is on it three times or more. On the
   * corpus without code 88 to 98 % of the frames were true above it, about half below.
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

  private static final int STEP = 16;
  private static final int DISTANCES = REACH / STEP + 1;

  /** A frame that was found. */
  record Found(
      long slot,
      long ip,
      List<Evidence> evidence,
      double bits,
      Trust trust,
      Optional<TrapFrame> trap) {}

  private final CodeFacts code;
  private final WordJudge judge;
  private final Stacks stacks;

  private long[] slots = new long[0];
  private int[] ids = new int[0];
  private long[] values = new long[0];
  private int[][] places = new int[0][];
  private int[][] neighbours = new int[0][];

  /** For each slot the slot to which unwind information leads from it; 0 where there is none. */
  private long[] fixed = new long[0];

  private final Map<Integer, TrapFrame> traps = new HashMap<>();
  private final Map<Long, Double> targets = new HashMap<>();
  private int[][] seen = new int[0][];
  private int[] used = new int[0];
  private boolean open;
  private boolean[] chosen = new boolean[0];
  private Map<Long, Integer> pairs = new HashMap<>();

  RepeatedFrames(Stacks stacks, CodeFacts code, WordJudge judge) {
    this.stacks = stacks;
    this.code = code;
    this.judge = judge;
  }

  /**
   * The frames between two places, innermost first; empty when too little repeats to say.
   *
   * @param from the lowest slot that may be one
   * @param to the slot outside the outermost frame
   * @param open true when {@code to} is merely where the stack ends
   */
  List<Found> between(Segment segment, Arch arch, long from, long to, boolean open) {
    if (arch != Arch.X64 || !collect(segment, from, to)) {
      return List.of();
    }
    this.open = open;
    if (open) {
      to = slots[slots.length - 1] + REACH;
    }
    int[] path = new int[0];
    for (int round = 0; round < ROUNDS; round++) {
      count(path, to);
      int[] next = best(path.length > 0, from, to);
      if (Arrays.equals(next, path)) {
        break;
      }
      path = next;
      if (path.length == 0) {
        return List.of();
      }
    }
    count(path, to);
    path = Arrays.stream(path).filter(k -> fixed[k] != 0 || !mostlyElsewhere(ids[k])).toArray();
    return believed(path) ? found(path, to) : List.of();
  }

  private boolean collect(Segment segment, long from, long to) {
    List<Integer> words = new ArrayList<>();
    int unknown = 0;
    for (int i = segment.firstKnown(0); i >= 0 && i < segment.count(); ) {
      long slot = segment.address(i);
      if (Long.compareUnsigned(slot, to) >= 0) {
        break;
      }
      if ((slot & 15) == 8 && Long.compareUnsigned(slot, from) >= 0) {
        WordJudge.Word word = judge.word(segment.word(i));
        Optional<TrapFrame> trap = stacks.traps(segment).withIpAt(slot).filter(t -> !t.user());
        if (trap.isPresent()) {
          traps.put(words.size(), trap.get());
        }
        if (word.candidate() || trap.isPresent()) {
          words.add(i);
          unknown += word.proven() ? 0 : 1;
        }
      }
      i = segment.firstKnown(i + 1);
    }
    if (unknown < MIN_UNKNOWN || words.size() > MAX_CANDIDATES) {
      return false;
    }
    Map<Long, Integer> numbers = new HashMap<>();
    List<Long> distinct = new ArrayList<>();
    slots = new long[words.size()];
    ids = new int[slots.length];
    for (int k = 0; k < slots.length; k++) {
      slots[k] = segment.address(words.get(k));
      long value = segment.word(words.get(k));
      Integer id = numbers.putIfAbsent(value, distinct.size());
      ids[k] = id == null ? distinct.size() : id;
      if (id == null) {
        distinct.add(value);
      }
    }
    values = distinct.stream().mapToLong(v -> v).toArray();
    chosen = new boolean[slots.length];
    index();
    return true;
  }

  /** Where each value lies, what lies near it in the code, and the distances that code gives. */
  private void index() {
    int[] counts = new int[values.length];
    for (int id : ids) {
      counts[id]++;
    }
    places = new int[values.length][];
    neighbours = new int[values.length][];
    for (int v = 0; v < values.length; v++) {
      places[v] = new int[counts[v]];
    }
    fixed = new long[slots.length];
    for (int k = 0; k < slots.length; k++) {
      fixed[k] = unwound(k);
    }
    Arrays.fill(counts, 0);
    for (int k = 0; k < ids.length; k++) {
      places[ids[k]][counts[ids[k]]++] = k;
    }
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Long.compareUnsigned(values[a], values[b]));
    for (int i = 0; i < order.length; i++) {
      List<Integer> near = new ArrayList<>();
      for (int k = i + 1;
          k < order.length && values[order[k]] - values[order[i]] < NEIGHBOURS;
          k++) {
        near.add(order[k]);
      }
      for (int k = i - 1; k >= 0 && values[order[i]] - values[order[k]] < NEIGHBOURS; k--) {
        near.add(order[k]);
      }
      neighbours[order[i]] = near.stream().mapToInt(n -> n).toArray();
    }
  }

  /** The slot to which unwind information leads from a slot; 0 when there is none. */
  private long unwound(int k) {
    TrapFrame trap = traps.get(k);
    CpuContext context =
        trap != null
            ? trap.context()
            : new CpuContext.Builder(Arch.X64)
                .with(Register.RIP, values[ids[k]])
                .with(Register.RSP, slots[k] + 8)
                .build();
    if (trap == null && !judge.word(values[ids[k]]).proven()) {
      return 0;
    }
    return code.unwind(context, trap == null)
        .filter(u -> !u.leaf())
        .map(VirtualUnwind.Result::slot)
        .orElse(0L);
  }

  /** What the call before the outer word says about the inner one, in bits. */
  private double target(int inner, int outer) {
    if (traps.containsKey(inner) || traps.containsKey(outer)) {
      return 0;
    }
    return targets.computeIfAbsent(
        pair(inner, outer),
        p -> {
          Point point =
              new Point(CpuContext.unknown(Arch.X64).with(Register.RIP, values[ids[inner]]), true);
          return judge.target(values[ids[outer]], point).map(Evidence::bits).orElse(0.0);
        });
  }

  /** Counts, for each value, at how many chosen places a candidate lies at each distance. */
  private void count(int[] path, long to) {
    Arrays.fill(chosen, path.length == 0);
    for (int k : path) {
      chosen[k] = true;
    }
    seen = new int[values.length][DISTANCES];
    used = new int[values.length];
    for (int k = 0; k < slots.length; k++) {
      if (!chosen[k]) {
        continue;
      }
      used[ids[k]]++;
      int[] row = seen[ids[k]];
      for (int n = k + 1; n < slots.length && slots[n] - slots[k] <= REACH; n++) {
        if (path.length > 0 || !round(ids[n])) {
          row[(int) (slots[n] - slots[k]) / STEP]++;
        }
      }
      if (!open && path.length > 0 && to - slots[k] <= REACH && (to - slots[k]) % STEP == 0) {
        row[(int) (to - slots[k]) / STEP]++;
      }
    }
    pairs = new HashMap<>();
    for (int i = 0; i + 1 < path.length; i++) {
      pairs.merge(pair(path[i], path[i + 1]), 1, Integer::sum);
    }
  }

  private long pair(int inner, int outer) {
    return (long) ids[inner] << 32 | ids[outer];
  }

  private boolean round(int id) {
    return (values[id] & 15) == 0;
  }

  /** The best path from near {@code from} to {@code to}, as numbers of slots. */
  private int[] best(boolean again, long from, long to) {
    double[] score = new double[slots.length];
    int[] next = new int[slots.length];
    for (int k = slots.length - 1; k >= 0; k--) {
      double best = Double.NEGATIVE_INFINITY;
      next[k] = -1;
      for (int n = k + 1; n <= slots.length; n++) {
        long slot = n < slots.length ? slots[n] : to;
        if (slot - slots[k] > REACH) {
          break;
        }
        if (n < slots.length && next[n] < 0) {
          continue;
        }
        double s = hop(k, n, slot, again) + (n < slots.length ? score[n] : 0);
        if (s > best) {
          best = s;
          next[k] = n;
        }
      }
      score[k] = best + (traps.containsKey(k) ? NORMAL : itself(ids[k], again));
    }
    int start = -1;
    for (int k = 0; k < slots.length && slots[k] - from < START; k++) {
      if (next[k] >= 0 && (start < 0 || score[k] > score[start])) {
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

  /** What speaks for a value by itself, in bits. */
  private double itself(int id, boolean again) {
    int all = places[id].length;
    double bits =
        judge.word(values[id]).proven()
            ? 0
            : (round(id) ? Sign.ROUND_VALUE : Sign.POSSIBLE_CODE).bits() / Math.sqrt(all);
    if (again && all > 1) {
      bits += 2 * Sign.MOSTLY_LIVE.bits() * ((double) used[id] / all - NEUTRAL_SHARE);
    }
    return bits;
  }

  /** What speaks for going from one slot to another, in bits. */
  private double hop(int k, int n, long slot, boolean again) {
    int id = ids[k];
    if (open && n == slots.length) {
      return 0;
    }
    long distance = slot - slots[k];
    double bits = -distance / BYTES_PER_BIT;
    bits += n < slots.length ? Math.min(NORMAL, target(k, n)) : 0;
    if (fixed[k] != 0) {
      return bits + (fixed[k] == slot ? NORMAL : Sign.NO_CALL.bits());
    }
    boolean self = again && chosen[k];
    int total = used[id] - (self ? 1 : 0);
    int column = (int) (distance / STEP);
    boolean fits = distance % STEP == 0;
    if (total <= 0) {
      bits += (!again || self ? Sign.SEEN_ONCE : Sign.NOT_CHOSEN).bits();
      bits += fits && neighbourHas(id, column) ? Sign.NEIGHBOUR_DISTANCE.bits() : 0;
    } else {
      double share = fits ? (double) (seen[id][column] - (self ? 1 : 0)) / total : 0;
      bits +=
          (Sign.SAME_DISTANCE.bits() * share + Sign.DISTANCE_BROKEN.bits() * (1 - share))
              * Math.min(1, (double) total / ENOUGH);
    }
    if (again && n < slots.length) {
      Integer times = pairs.get(pair(k, n));
      boolean here = self && chosen[n];
      bits += times != null && times > (here ? 1 : 0) ? Sign.SAME_PAIR.bits() : 0;
    }
    return bits;
  }

  private boolean neighbourHas(int id, int column) {
    for (int other : neighbours[id]) {
      if (used[other] > 1 && seen[other][column] == used[other]) {
        return true;
      }
    }
    return false;
  }

  /** True for a value that is common on the stack and on the path at too few of its places. */
  private boolean mostlyElsewhere(int id) {
    return used[id] >= ENOUGH && used[id] < MIN_LIVE * places[id].length;
  }

  private boolean believed(int[] path) {
    int repeated = 0;
    int known = 0;
    for (int k : path) {
      repeated += used[ids[k]] >= ENOUGH || fixed[k] != 0 ? 1 : 0;
      known += fixed[k] != 0 ? 1 : 0;
    }
    double share = known >= KNOWN_SHARE * path.length ? MIN_SHARE_KNOWN : MIN_SHARE;
    return path.length >= MIN_FRAMES && repeated >= share * path.length;
  }

  private List<Found> found(int[] path, long to) {
    List<Found> frames = new ArrayList<>(path.length);
    for (int i = 0; i < path.length; i++) {
      List<Evidence> evidence = new ArrayList<>(4);
      Trust trust = i > 0 ? trust(path[i - 1], path[i], evidence) : Trust.SEARCH;
      int id = ids[path[i]];
      if (trust == Trust.SEARCH) {
        evidence.add(Sign.SEARCHED.evidence());
        long outer = i + 1 < path.length ? slots[path[i + 1]] : to;
        repetition(id, outer - slots[path[i]], evidence);
      }
      frames.add(
          new Found(
              slots[path[i]],
              values[id],
              List.copyOf(evidence),
              Proposal.sum(evidence),
              trust,
              Optional.ofNullable(traps.get(path[i]))));
    }
    return frames;
  }

  /** How a slot is known that unwind information leads to, and search if it is not. */
  private Trust trust(int inner, int outer, List<Evidence> evidence) {
    if (fixed[inner] != slots[outer]) {
      return Trust.SEARCH;
    }
    evidence.add(Sign.UNWIND_INFO.evidence());
    if (traps.containsKey(outer)) {
      evidence.add(Sign.TRAP_FRAME.evidence());
      return Trust.EXACT;
    }
    Point point =
        new Point(CpuContext.unknown(Arch.X64).with(Register.RIP, values[ids[inner]]), true);
    judge.judge(values[ids[outer]], point, evidence);
    double target = target(inner, outer);
    return target < 0 ? Trust.SEARCH : target > 0 ? Trust.EXACT : Trust.UNWIND;
  }

  private void repetition(int id, long distance, List<Evidence> evidence) {
    evidence.add((round(id) ? Sign.ROUND_VALUE : Sign.POSSIBLE_CODE).evidence());
    int column = (int) (distance / STEP);
    int same = column < DISTANCES ? seen[id][column] : 0;
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
}
