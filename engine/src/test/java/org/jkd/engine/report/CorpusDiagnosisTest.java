// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The verdict on every case of the corpus agrees with what really happened. */
class CorpusDiagnosisTest {
  private static final Pattern VERDICT = Pattern.compile("\"verdict\":\\s*\"([^\"]*)\"");

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
    Matcher truth = VERDICT.matcher(Files.readString(folder.resolve("truth.json")));
    assertThat(truth.find()).isTrue();
    Debuggee debuggee =
        Debuggee.open(
            folder.resolve("KERNEL.DMP"),
            folder.resolve("symbols").toString(),
            folder.resolve("images").toString());
    StackReport report = CrashReports.of(debuggee, debuggee.kernel().orElseThrow());
    assertThat(report.verdict().cause())
        .as(truth.group(1) + " / " + report.verdict())
        .isEqualTo(expected(truth.group(1)));
    assertThat(report.verdict().isOverflow())
        .isEqualTo(!truth.group(1).contains("not an overflow"));
    checkTotals(report);
  }

  private static void checkTotals(StackReport report) {
    assertThat(report.usage().attributed() + report.usage().unattributed())
        .isEqualTo(report.usage().size());
    assertThat(report.usage().unattributed()).isNotNegative();
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
