// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;

/**
 * Exceptions that were raised while an exception was being dispatched.
 *
 * <p>A fault taken while an exception is dispatched is dispatched in turn. Of such a series only
 * the oldest trap frame tells what happened; the newer ones are its echo. Seen in public with a
 * page fault in {@code RtlDispatchException} on a nearly full stack.
 *
 * @param count how many exceptions were under way
 * @param origin the frame that the oldest of them interrupted
 */
public record DispatchLoop(int count, RebuiltFrame origin) {
  /** Fewer nested faults that no name explains can be paging inside paging. */
  private static final int MIN_NAMELESS = 3;

  /** Finds the loop that reaches to the innermost end of a stack. */
  public static Optional<DispatchLoop> in(RebuiltStack stack) {
    List<RebuiltFrame> traps = new ArrayList<>();
    int dispatches = 0;
    for (RebuiltFrame frame : stack.frames()) {
      if (frame.function().endsWith("!KiDispatchException")) {
        dispatches++;
      }
      if (frame.kind() == RebuiltFrame.Kind.TRAP) {
        traps.add(frame);
      }
      // A driver or a request below the kernel means work, not echo.
      if (!Stages.isKernel(frame.module()) || frame.kind() == RebuiltFrame.Kind.SYSCALL) {
        break;
      }
    }
    if (traps.isEmpty()) {
      return Optional.empty();
    }
    boolean named = dispatches >= 2;
    boolean nameless = dispatches == 0 && traps.size() >= MIN_NAMELESS && same(traps);
    return named || nameless
        ? Optional.of(new DispatchLoop(Math.max(dispatches, traps.size()), traps.getLast()))
        : Optional.empty();
  }

  /** True when all faults but the oldest interrupted one function. */
  private static boolean same(List<RebuiltFrame> traps) {
    return traps.subList(0, traps.size() - 1).stream()
            .map(RebuiltFrame::functionStart)
            .distinct()
            .count()
        == 1;
  }

  /** One line for people. */
  public String text() {
    return count
        + " exceptions were being dispatched at once; the oldest one was raised at "
        + origin.symbol()
        + " (frame "
        + origin.index()
        + ")";
  }
}
