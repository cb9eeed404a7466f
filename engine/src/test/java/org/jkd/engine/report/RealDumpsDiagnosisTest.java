// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.render.TextOut;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Crashes of real systems, none of them for want of stack. */
class RealDumpsDiagnosisTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "1e, KMODE_EXCEPTION_NOT_HANDLED",
    "3b_0, SYSTEM_SERVICE_EXCEPTION",
    "50_0, PAGE_FAULT_IN_NONPAGED_AREA",
    "7e_0, SYSTEM_THREAD_EXCEPTION_NOT_HANDLED",
    "9f, DRIVER_POWER_STATE_FAILURE",
    "be_0, ATTEMPTED_WRITE_TO_READONLY_MEMORY",
    "d1, DRIVER_IRQL_NOT_LESS_OR_EQUAL",
    "ef, CRITICAL_PROCESS_DIED",
    "rizin_triage_arm64, MANUALLY_INITIATED_POWER_BUTTON_HOLD",
    "rizin_triage_x64, SYSTEM_THREAD_EXCEPTION_NOT_HANDLED"
  })
  void isNamedAndNotCalledAnOverflow(String name, String bugCheck) throws IOException {
    Optional<Path> dump = SharedFolder.find("data/kernel/" + name + ".dmp");
    assumeTrue(dump.isPresent(), "needs ../shared/data/kernel");
    Debuggee debuggee = Debuggee.open(dump.orElseThrow(), "", "");
    StackReport report = CrashReports.of(debuggee, debuggee.kernel().orElseThrow());
    assertThat(report.verdict().outcome()).isEqualTo(OverflowVerdict.Outcome.NOT_AN_OVERFLOW);
    StringBuilder text = new StringBuilder();
    TextOut out = new TextOut(text, debuggee.arch());
    ReportText.write(report, out);
    assertThat(text.toString()).contains(bugCheck).contains("VERDICT: not an overflow");
  }
}
