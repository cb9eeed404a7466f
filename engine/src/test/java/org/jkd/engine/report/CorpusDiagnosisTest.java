// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.sample.Json;
import org.jkd.sample.SharedFolder;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The verdict on every case of the corpus agrees with what really happened, and so do the bytes of
 * every module.
 */
class CorpusDiagnosisTest {
  @TestFactory
  Stream<DynamicTest> the_verdict_is_the_truth() throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus");
    assumeTrue(corpus.isPresent(), "needs ../shared/corpus");
    return Files.list(corpus.orElseThrow())
        .filter(c -> Files.exists(c.resolve("truth.json")))
        .sorted()
        .map(c -> DynamicTest.dynamicTest(String.valueOf(c.getFileName()), () -> check(c)));
  }

  private static void check(Path folder) throws IOException {
    Json truth = Json.of(folder.resolve("truth.json"));
    String verdict = truth.get("verdict").text();
    Debuggee debuggee =
        Debuggee.open(
            folder.resolve("KERNEL.DMP"),
            folder.resolve("symbols").toString(),
            folder.resolve("images").toString());
    StackReport report = CrashReports.of(debuggee, debuggee.kernel().orElseThrow());
    assertThat(report.verdict().cause())
        .as(verdict + " / " + report.verdict())
        .isEqualTo(expected(verdict));
    assertThat(report.verdict().isOverflow()).isEqualTo(!verdict.contains("not an overflow"));
    checkTotals(report, truth);
    if (intact(truth)) {
      assertThat(exact(report, truth)).isTrue();
      checkModules(report, truth);
    } else {
      // Frames that the crash itself destroyed cannot be charged; they must show as unattributed.
      assertThat(report.usage().attributed())
          .isLessThanOrEqualTo(truth.get("stack").get("accounted").number());
    }
  }

  /** What there is to explain is what the truth says: from the stack pointer to the base. */
  private static void checkTotals(StackReport report, Json truth) {
    StackUsage usage = report.usage();
    assertThat(usage.attributed() + usage.unattributed()).isEqualTo(usage.size());
    assertThat(usage.unattributed()).isNotNegative();
    long base = address(truth.get("stack").get("base").text());
    assertThat(report.stack().stackBase()).isEqualTo(base);
    long sp = report.stack().stackPointer().orElseThrow();
    assertThat(base - usage.size()).isEqualTo(sp);
    assertThat(usage.modules().stream().mapToLong(StackUsage.Row::bytes).sum())
        .isEqualTo(usage.attributed());
    assertThat(usage.functions().stream().mapToLong(StackUsage.Row::bytes).sum())
        .isEqualTo(usage.attributed());
  }

  private static boolean intact(Json truth) {
    return truth.get("frames").list().stream().allMatch(f -> f.get("slot_intact").isTrue());
  }

  /** True when every frame of the stack that the case is about was found where it was. */
  private static boolean exact(StackReport report, Json truth) {
    String stack = truth.get("stack").get("name").text();
    Set<Long> found = new HashSet<>();
    report.stack().frames().forEach(f -> f.slot().ifPresent(found::add));
    return truth.get("frames").list().stream()
        .filter(f -> f.get("stack").text().equals(stack))
        .allMatch(f -> found.contains(address(f.get("slot").text())));
  }

  /**
   * The bytes of each module. The truth counts a machine frame without the words that align it, and
   * leaves out the innermost frame where the pointer is wrong or another stack's; both are within
   * the percent.
   */
  private static void checkModules(StackReport report, Json truth) {
    Json totals = truth.get("totals");
    boolean innermost = !truth.get("frames").list().getFirst().get("bytes").isNull();
    RebuiltFrame first = report.stack().frames().getFirst();
    for (StackUsage.Row row : report.usage().modules()) {
      long uncounted = !innermost && first.module().equals(row.name()) ? first.bytes() : 0;
      long expected = totals.get(row.name()).number() + uncounted;
      assertThat((double) row.bytes())
          .as(row.name())
          .isCloseTo(expected, Offset.offset(expected / 100.0));
    }
    assertThat(report.usage().modules().stream().map(StackUsage.Row::name))
        .containsExactlyInAnyOrderElementsOf(totals.names());
  }

  private static long address(String text) {
    return Long.parseUnsignedLong(text.substring(2), 16);
  }

  private static OverflowVerdict.Cause expected(String truth) {
    if (truth.contains("stack pointer error")) {
      return OverflowVerdict.Cause.BIT_FLIP;
    }
    if (truth.contains("write below the stack")) {
      return OverflowVerdict.Cause.WRITE_BELOW_STACK;
    }
    return truth.contains("noticed by")
        ? OverflowVerdict.Cause.PANIC_SWITCH
        : OverflowVerdict.Cause.STACK_EXHAUSTED;
  }
}
