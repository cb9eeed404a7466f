// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jkd.stack.rebuild.Cycle;
import org.jkd.stack.rebuild.RebuiltStack;

/** What to tell whoever can change the code; each line rests on a stage, a frame or a cycle. */
public final class Advice {
  /** From this size on a frame is worth moving its locals to pool. */
  private static final int LARGE_FRAME = 0x100;

  /** From this size on a stage is worth a work item. */
  private static final int LARGE_STAGE = 0x400;

  /** From this size on a repetition is what ran the stack out. */
  private static final int LARGE_CYCLE = 0x800;

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
    if (verdict.cause() == OverflowVerdict.Cause.DISPATCH_LOOP) {
      return DispatchLoop.in(stack).stream()
          .map(loop ->
              "Mend what raised the first exception, at "
                  + loop.origin().symbol()
                  + "; the others are its echo, and what they used would come back with it.")
          .toList();
    }
    List<String> lines = new ArrayList<>();
    Map<String, Repeated> services = new LinkedHashMap<>();
    Map<String, Repeated> requests = new LinkedHashMap<>();
    Map<String, Repeated> faults = new LinkedHashMap<>();
    Set<String> completions = new LinkedHashSet<>();
    for (Stage stage : stages) {
      String caller = callerOf(stage, stack);
      boolean ours = isThirdParty(caller, owners);
      switch (stage.entry()) {
        case KERNEL_SERVICE -> {
          if (ours) {
            services.computeIfAbsent(caller, c -> new Repeated()).add(stage);
          }
        }
        case KERNEL_API -> {
          if (ours) {
            requests.computeIfAbsent(caller, c -> new Repeated()).add(stage);
          }
        }
        case TRAP -> faults.computeIfAbsent("", c -> new Repeated()).add(stage);
        case USER_SERVICE, CALLOUT, STACK_SWITCH, THREAD_START, UNKNOWN -> {}
      }
      for (String module : stage.completions()) {
        if (isThirdParty(module, owners) && stage.bytes() > LARGE_STAGE) {
          completions.add(module);
        }
      }
    }
    services.forEach((caller, all) ->
        lines.add(
            caller
                + " calls system services from within an I/O path ("
                + all.text()
                + "): hand that to a work item (IoQueueWorkItem) and do not wait for it here."));
    requests.forEach((caller, all) ->
        lines.add(
            caller
                + " starts new I/O from within I/O ("
                + all.text()
                + "): send it only to the drivers below its own device, or from a work item."));
    for (String module : completions) {
      lines.add(
          module
              + " does its work inside a completion routine, on whatever stack the request ends"
              + " on: queue it instead.");
    }
    largeFrames(bigFrames, owners, lines);
    recursion(stack, lines);
    faults.forEach((none, all) ->
        lines.add(
            "Page faults had to be served in the middle ("
                + all.text()
                + "): that cannot be avoided, and every path must leave room for it."));
    return List.copyOf(lines);
  }

  /** Stages that are entered in the same way by the same driver. */
  private static final class Repeated {
    private final Map<String, Integer> titles = new LinkedHashMap<>();
    private long bytes;

    void add(Stage stage) {
      titles.merge(stage.title(), 1, Integer::sum);
      bytes += stage.bytes();
    }

    String text() {
      StringJoiner all = new StringJoiner("; ");
      titles.forEach(
          (title, count) -> all.add(title + (count == 1 ? "" : ", " + count + " times")));
      return all + "; " + bytes + " bytes" + (total() == 1 ? "" : " together");
    }

    private int total() {
      return titles.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  private static void largeFrames(
      List<BigFrame> bigFrames, Map<String, ModuleOwner> owners, List<String> lines) {
    for (BigFrame big : bigFrames) {
      if (big.frame().bytes() >= LARGE_FRAME && isThirdParty(big.frame().module(), owners)) {
        lines.add(
            big.name()
                + " takes "
                + big.frame().bytes()
                + " bytes in one frame: allocate its buffers from pool.");
      }
    }
  }

  private static void recursion(RebuiltStack stack, List<String> lines) {
    for (Cycle cycle : stack.cycles()) {
      if (cycle.bytes() > LARGE_CYCLE) {
        lines.add(
            "The calls repeat from frame "
                + cycle.first()
                + " on: "
                + cycle.period()
                + (cycle.period() == 1 ? " frame, " : " frames, ")
                + cycle.count()
                + " times, "
                + cycle.bytes()
                + " bytes. A recursion needs a bound, or IoGetRemainingStackSize before each"
                + " turn.");
        return;
      }
    }
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
