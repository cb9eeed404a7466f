// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.code.FunctionCode;

/**
 * Finds where the instructions before an address start. Where the flow of a function leads through
 * them it says so. Elsewhere code is read forward from many places before the address: readings
 * fall into step with the true one after a few instructions, so the starts that most of the
 * readings which reach the address agree on are taken.
 */
final class BackwardCode {
  private static final int LONGEST = 15;

  /** Bytes before the wanted instructions in which readings may fall into step. */
  private static final int RUN_UP = 64;

  /** Instructions that one {@code ub} lists. */
  private static final int MAX_COUNT = 4096;

  private final Session session;
  private final CodeText text;

  BackwardCode(Session session, CodeText text) {
    this.session = session;
    this.text = text;
  }

  /** The starts of the last {@code count} instructions before an address, ascending. */
  List<Long> before(long address, long count) {
    List<Long> starts = new ArrayList<>();
    long at = address;
    int wanted = (int) Math.min(count, MAX_COUNT);
    while (starts.size() < wanted) {
      OptionalLong previous = byFlow(at);
      if (previous.isEmpty()) {
        List<Long> read = byReading(at, wanted - starts.size());
        for (long start : read.reversed()) {
          starts.addFirst(start);
        }
        break;
      }
      at = previous.getAsLong();
      starts.addFirst(at);
    }
    return starts;
  }

  private OptionalLong byFlow(long end) {
    Optional<FunctionCode> function = session.debuggee().space().functionAt(end - 1);
    if (function.isEmpty()) {
      return OptionalLong.empty();
    }
    OptionalLong start = function.get().instructionAt(end - 1);
    boolean ends = start.isPresent() && start.getAsLong() + text.length(start.getAsLong()) == end;
    return ends ? start : OptionalLong.empty();
  }

  private List<Long> byReading(long end, int count) {
    int window = (int) Math.min((long) count * LONGEST + RUN_UP, 1 << 16);
    int[] lengths = new int[window];
    for (int i = 0; i < window; i++) {
      lengths[i] = text.length(end - window + i);
    }
    // How many readings that reach the end pass through each place.
    boolean[] reaches = new boolean[window + 1];
    int[] votes = new int[window + 1];
    reaches[window] = true;
    for (int i = window - 1; i >= 0; i--) {
      int next = i + lengths[i];
      reaches[i] = lengths[i] > 0 && next <= window && reaches[next];
    }
    for (int i = 0; i < window; i++) {
      if (reaches[i]) {
        votes[i]++;
        votes[i + lengths[i]] += votes[i];
      }
    }
    List<Long> starts = new ArrayList<>();
    int at = window;
    while (starts.size() < count) {
      int best = -1;
      for (int back = 1; back <= LONGEST && at - back >= 0; back++) {
        int i = at - back;
        if (lengths[i] == back && reaches[i] && (best < 0 || votes[i] > votes[best])) {
          best = i;
        }
      }
      if (best < 0) {
        break;
      }
      starts.addFirst(end - window + best);
      at = best;
    }
    return starts;
  }
}
