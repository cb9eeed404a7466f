// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jkd.stack.rebuild.Cycle;
import org.jkd.stack.rebuild.RebuiltStack;

/** What to tell whoever can change the code; each line rests on a stage, a frame or a cycle. */
public final class Advice {
  /** From this size on a frame is worth moving its locals to pool. */
  private static final int LARGE_FRAME = 0x100;

  private Advice() {}

  /** Lines of advice, the most useful first; none where the stack did not run out. */
  public static List<String> of(
      OverflowVerdict verdict,
      RebuiltStack stack,
      List<Stage> stages,
      Map<String, ModuleOwner> owners,
      List<BigFrame> bigFrames) {
    if (!verdict.isOverflow()) {
      return List.of();
    }
    Set<String> lines = new LinkedHashSet<>();
    for (Stage stage : stages) {
      String caller = callerOf(stage, stack);
      boolean ours = isThirdParty(caller, owners);
      switch (stage.entry()) {
        case KERNEL_SERVICE -> {
          if (ours) {
            lines.add(
                caller
                    + " calls a system service from within an I/O path ("
                    + stage.title()
                    + ", "
                    + stage.bytes()
                    + " bytes): hand that to a work item (IoQueueWorkItem) and wait for none of it"
                    + " here.");
          }
        }
        case KERNEL_API -> {
          if (ours) {
            lines.add(
                caller
                    + " starts new I/O from within I/O ("
                    + stage.title()
                    + ", "
                    + stage.bytes()
                    + " bytes): send it only to the drivers below, or from a work item.");
          }
        }
        case TRAP ->
            lines.add(
                "A page fault had to be served in the middle ("
                    + stage.title()
                    + ", "
                    + stage.bytes()
                    + " bytes): that cannot be avoided and every path must leave room for it.");
        case USER_SERVICE, CALLOUT, STACK_SWITCH, THREAD_START, UNKNOWN -> {}
      }
      for (String module : stage.completions()) {
        if (isThirdParty(module, owners) && stage.bytes() > 0x400) {
          lines.add(
              module
                  + " does its work inside a completion routine, on whatever stack the request ends"
                  + " on: queue it instead.");
        }
      }
    }
    for (BigFrame big : bigFrames) {
      if (big.frame().bytes() >= LARGE_FRAME && isThirdParty(big.frame().module(), owners)) {
        lines.add(
            big.frame().function()
                + " takes "
                + big.frame().bytes()
                + " bytes in one frame: allocate its buffers from pool.");
      }
    }
    for (Cycle cycle : stack.cycles()) {
      if (cycle.bytes() > 0x800) {
        lines.add(
            "Frames "
                + cycle.first()
                + " on repeat: "
                + cycle.period()
                + " frames, "
                + cycle.count()
                + " times, "
                + cycle.bytes()
                + " bytes. A recursion needs a bound, or IoGetRemainingStackSize before each"
                + " turn.");
        break;
      }
    }
    return new ArrayList<>(lines);
  }

  /** The module outside the stage that caused it. */
  private static String callerOf(Stage stage, RebuiltStack stack) {
    for (int i = stage.last() + 1; i < stack.frames().size(); i++) {
      String module = stack.frames().get(i).module();
      if (!Stages.isKernel(module)) {
        return module;
      }
    }
    return "";
  }

  private static boolean isThirdParty(String module, Map<String, ModuleOwner> owners) {
    ModuleOwner owner = owners.get(module);
    return owner != null && owner.origin() == ModuleOwner.Origin.THIRD_PARTY;
  }
}
