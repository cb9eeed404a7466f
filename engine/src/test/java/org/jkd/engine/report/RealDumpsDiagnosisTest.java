// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.diagnosis.Suspect;
import org.jkd.engine.render.TextOut;
import org.jkd.sample.SharedFolder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Crashes of real systems, none of them for want of stack. */
class RealDumpsDiagnosisTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      nullValues = "-",
      value = {
        // The bug check's own arguments name the code; be and 50 have the kernel's addresses alone
        // on their stacks, ef and 1c8 are nobody's doing.
        "1e, KMODE_EXCEPTION_NOT_HANDLED, dxgmms2",
        "3b_0, SYSTEM_SERVICE_EXCEPTION, win32kfull",
        "50_0, PAGE_FAULT_IN_NONPAGED_AREA, -",
        "7e_0, SYSTEM_THREAD_EXCEPTION_NOT_HANDLED, nvlddmkm",
        "9f, DRIVER_POWER_STATE_FAILURE, iaStorAC",
        "be_0, ATTEMPTED_WRITE_TO_READONLY_MEMORY, -",
        "d1, DRIVER_IRQL_NOT_LESS_OR_EQUAL, ks",
        "ef, CRITICAL_PROCESS_DIED, -",
        "rizin_triage_arm64, MANUALLY_INITIATED_POWER_BUTTON_HOLD, -",
        "rizin_triage_x64, SYSTEM_THREAD_EXCEPTION_NOT_HANDLED, amdppm"
      })
  void isNamedWithItsDriverAndNotCalledAnOverflow(
      String name, String bugCheck, @Nullable String driver) throws IOException {
    Optional<Path> dump = SharedFolder.find("data/kernel/" + name + ".dmp");
    assumeTrue(dump.isPresent(), "needs ../shared/data/kernel");
    Debuggee debuggee = Debuggee.open(dump.orElseThrow(), "", "");
    StackReport report = CrashReports.of(debuggee, debuggee.kernel().orElseThrow());
    assertThat(report.verdict().outcome()).isEqualTo(OverflowVerdict.Outcome.NOT_AN_OVERFLOW);
    assertThat(report.suspect().map(Suspect::module)).isEqualTo(Optional.ofNullable(driver));
    assertThat(report.buckets().failure())
        .startsWith("0x" + Long.toHexString(report.subject().code() & 0xfff))
        .contains(driver == null ? "!" : "_" + driver + "!");
    StringBuilder text = new StringBuilder();
    TextOut out = new TextOut(text, debuggee.arch());
    ReportText.write(report, out);
    assertThat(text.toString())
        .contains(bugCheck)
        .contains("VERDICT: not an overflow")
        .doesNotContain("WHO USED THE BYTES")
        .doesNotContain("null");
  }
}
