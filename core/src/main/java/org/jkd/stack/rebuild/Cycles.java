// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Finds repetitions in a sequence of call sites. */
public final class Cycles {
  /** No recursion of more functions than this is looked for. */
  static final int MAX_PERIOD = 1024;

  private Cycles() {}

  private record Run(int first, int period, int count) {
    int frames() {
      return period * count;
    }
  }

  /**
   * The repetitions, those that own most stack first. They do not overlap; of several periods that
   * explain the same frames the shortest counts.
   */
  public static List<Cycle> find(List<RebuiltFrame> frames) {
    long[] ips = frames.stream().mapToLong(RebuiltFrame::ip).toArray();
    List<Run> runs = new ArrayList<>();
    int longest = Math.min(MAX_PERIOD, ips.length / 2);
    for (int period = 1; period <= longest; period++) {
      int same = 0;
      for (int i = period; i <= ips.length; i++) {
        if (i < ips.length && ips[i] == ips[i - period]) {
          same++;
          continue;
        }
        if (same >= period) {
          runs.add(new Run(i - period - same, period, same / period + 1));
        }
        same = 0;
      }
    }
    runs.sort((a, b) ->
        a.frames() != b.frames()
            ? Integer.compare(b.frames(), a.frames())
            : Integer.compare(a.period(), b.period()));
    BitSet taken = new BitSet();
    List<Cycle> cycles = new ArrayList<>();
    for (Run run : runs) {
      int end = run.first() + run.frames();
      int clash = taken.nextSetBit(run.first());
      if (clash >= 0 && clash < end) {
        continue;
      }
      taken.set(run.first(), end);
      long bytes = 0;
      for (int i = run.first(); i < end; i++) {
        bytes += frames.get(i).bytes();
      }
      cycles.add(new Cycle(run.first(), run.period(), run.count(), bytes));
    }
    cycles.sort((a, b) -> Long.compare(b.bytes(), a.bytes()));
    return List.copyOf(cycles);
  }
}
