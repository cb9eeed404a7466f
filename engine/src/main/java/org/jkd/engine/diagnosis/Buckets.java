// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jkd.cpu.Arch;
import org.jkd.stack.rebuild.Cycle;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;

/**
 * The keys under which crashes of one cause fall together.
 *
 * @param failure kd's way: bug check, first argument and the function that was hit, which for an
 *     overflow is the victim
 * @param overflow ours: the removable module with most bytes, the kinds of re-entry and the
 *     recursion; empty when the stack did not run out
 */
public record Buckets(String failure, String overflow) {

  /** The keys of a crash. */
  public static Buckets of(
      Arch arch,
      long code,
      long parameter1,
      OverflowVerdict verdict,
      RebuiltStack stack,
      List<Stage> stages,
      List<ModuleOwner.ProductUsage> products) {
    return new Buckets(
        failure(code, parameter1, verdict, stack),
        verdict.isOverflow() ? overflow(arch, stack, stages, products) : "");
  }

  private static String failure(
      long code, long parameter1, OverflowVerdict verdict, RebuiltStack stack) {
    StringBuilder key = new StringBuilder("0x").append(hex(BugCheckCatalog.strip(code)));
    if (BugCheckCatalog.strip(code) == 0x7f) {
      key.append('_').append(hex(parameter1));
    }
    if (verdict.cause() == OverflowVerdict.Cause.WILD_STACK_POINTER
        || verdict.cause() == OverflowVerdict.Cause.USER_STACK_POINTER
        || verdict.cause() == OverflowVerdict.Cause.BIT_FLIP) {
      key.append("_STACKPTR_ERROR");
    }
    return stack.frames().isEmpty()
        ? key.append("_unknown!unknown_function").toString()
        : key.append('_').append(victim(stack.frames().getFirst())).toString();
  }

  private static String victim(RebuiltFrame frame) {
    if (frame.module().isEmpty()) {
      return "unknown!unknown_function";
    }
    return frame.function().contains("!") ? frame.function() : frame.module() + "!unknown_function";
  }

  private static String overflow(
      Arch arch, RebuiltStack stack, List<Stage> stages, List<ModuleOwner.ProductUsage> products) {
    Optional<ModuleOwner.ProductUsage> removable =
        products.stream().filter(p -> p.origin() == ModuleOwner.Origin.THIRD_PARTY).findFirst();
    List<String> entries = new ArrayList<>();
    for (Stage stage : stages) {
      String entry = stage.entry().name().toLowerCase(Locale.ROOT);
      if (!entries.contains(entry)) {
        entries.add(entry);
      }
    }
    return "overflow_"
        + arch.name().toLowerCase(Locale.ROOT)
        + "_"
        + removable.map(ModuleOwner.ProductUsage::name).orElse("inbox").replace(' ', '-')
        + "_"
        + (entries.isEmpty() ? "unknown" : String.join("+", entries))
        + "_"
        + recursion(stack);
  }

  /**
   * The functions of the largest cycle, whatever its count; the order they start in is no matter.
   */
  private static String recursion(RebuiltStack stack) {
    if (stack.cycles().isEmpty()) {
      return "flat";
    }
    Cycle cycle = stack.cycles().getFirst();
    CRC32 crc = new CRC32();
    stack.frames().stream()
        .skip(cycle.first())
        .limit(cycle.period())
        .map(RebuiltFrame::symbol)
        .sorted()
        .forEach(s -> crc.update(s.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    return "cycle" + cycle.period() + "-" + hex(crc.getValue());
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }
}
