// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jkd.engine.diagnosis.Buckets;
import org.jkd.stack.rebuild.Cycle;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;

/** What the analysis of a stack adds to a row. */
record Facts(
    TriageRow.Stack stack,
    TriageRow.Driver driver,
    TriageRow.Suspected suspect,
    TriageRow.Recursion recursion,
    Buckets buckets,
    List<String> notes) {
  static final Facts NONE =
      new Facts(
          TriageRow.Stack.NONE,
          TriageRow.Driver.NONE,
          TriageRow.Suspected.NONE,
          TriageRow.Recursion.NONE,
          new Buckets("", ""),
          List.of());

  /** The innermost frames as texts. */
  static List<String> symbols(RebuiltStack stack, int count) {
    return top(stack, count).map(RebuiltFrame::symbol).toList();
  }

  /** How each of the innermost frames is known. */
  static List<String> trusts(RebuiltStack stack, int count) {
    return top(stack, count).map(f -> f.trust().text()).toList();
  }

  private static Stream<RebuiltFrame> top(RebuiltStack stack, int count) {
    return stack.frames().stream().limit(count);
  }

  /** The largest repetition. */
  static TriageRow.Recursion recursion(RebuiltStack stack) {
    if (stack.cycles().isEmpty()) {
      return TriageRow.Recursion.NONE;
    }
    Cycle largest = stack.cycles().getFirst();
    return new TriageRow.Recursion(
        Buckets.cycle(stack), OptionalInt.of(largest.period()), OptionalInt.of(largest.count()));
  }
}
