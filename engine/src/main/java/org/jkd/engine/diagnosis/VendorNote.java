// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jspecify.annotations.Nullable;

/** What to write to the maker of the product that could give most bytes back. */
public final class VendorNote {
  private static final int MAX_ENTRIES = 4;

  private VendorNote() {}

  /** The lines; none where everything on the stack comes with Windows. */
  public static List<String> lines(
      Subject subject,
      RebuiltStack stack,
      List<ModuleOwner.ProductUsage> products,
      List<Stage> stages,
      Map<String, ModuleOwner> owners,
      List<BigFrame> bigFrames) {
    Optional<ModuleOwner.ProductUsage> first =
        products.stream().filter(p -> p.origin() == ModuleOwner.Origin.THIRD_PARTY).findFirst();
    if (first.isEmpty()) {
      return List.of();
    }
    ModuleOwner.ProductUsage product = first.get();
    List<String> lines = new ArrayList<>();
    lines.add(
        "To "
            + (product.company().isEmpty() ? "the maker" : product.company())
            + (product.company().isEmpty() ? " of " : ", about ")
            + product.name()
            + " ("
            + product.modules().stream()
                .map(m -> m + build(owners.get(m)))
                .collect(Collectors.joining(", "))
            + "):");
    lines.add(
        "a kernel stack of "
            + (stack.stackBase() - stack.stackLimit())
            + " bytes ran out"
            + (subject.process().isEmpty() ? "" : " in a thread of " + subject.process())
            + "; your "
            + product.frames()
            + (product.frames() == 1 ? " frame holds " : " frames hold ")
            + product.bytes()
            + " bytes of it");
    Map<String, Integer> entries = new LinkedHashMap<>();
    int crossed = 0;
    for (Stage stage : stages) {
      if (stage.crossed().stream().anyMatch(product.modules()::contains)) {
        crossed++;
      }
      boolean own = product.modules().stream().anyMatch(m -> calledBy(stage.title(), m));
      if (own) {
        entries.merge(stage.title(), 1, Integer::sum);
      }
    }
    if (stages.size() > 1) {
      lines.add(
          "your drivers are entered in "
              + crossed
              + " of the "
              + stages.size()
              + " stages into which the stack falls");
    }
    if (!entries.isEmpty()) {
      lines.add(
          "you enter the kernel again yourself: "
              + entries.entrySet().stream()
                  .limit(MAX_ENTRIES)
                  .map(e -> e.getKey() + (e.getValue() == 1 ? "" : " (" + e.getValue() + " times)"))
                  .collect(Collectors.joining("; "))
              + (entries.size() > MAX_ENTRIES ? "; …" : ""));
    }
    bigFrames.stream()
        .filter(b -> product.modules().contains(b.frame().module()))
        .findFirst()
        .ifPresent(b ->
            lines.add(
                "your largest frame: "
                    + b.name()
                    + ", "
                    + b.frame().bytes()
                    + " bytes"
                    + b.where().stream()
                        .filter(w -> w.startsWith("locals"))
                        .findFirst()
                        .map(w -> " (" + w + ")")
                        .orElse("")));
    return List.copyOf(lines);
  }

  /** Stage titles end with the caller where a driver entered the kernel. */
  private static boolean calledBy(String title, String module) {
    int by = title.lastIndexOf(" called by ");
    return by >= 0 && title.substring(by + 11).split("[!+]", 2)[0].equals(module);
  }

  private static String build(@Nullable ModuleOwner owner) {
    return owner == null || owner.build().isEmpty() ? "" : " " + owner.build();
  }
}
