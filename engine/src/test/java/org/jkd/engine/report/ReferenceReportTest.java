// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Interpreter;
import org.jkd.engine.command.Session;
import org.jkd.engine.diagnosis.BigFrame;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.diagnosis.Stage;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference case from its dump, symbols and images: what an expert would sign. */
class ReferenceReportTest {
  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // set before the first test
  private static Debuggee debuggee;

  @SuppressWarnings("NullAway.Init") // set before the first test
  private static StackReport report;

  @BeforeAll
  static void write() throws IOException {
    ReferenceCase.writeTo(folder);
    debuggee =
        Debuggee.open(
            folder.resolve(ReferenceCase.COMPLETE),
            folder.resolve(ReferenceCase.SYMBOLS).toString(),
            folder.resolve(ReferenceCase.IMAGES).toString());
    report = CrashReports.of(debuggee, debuggee.kernel().orElseThrow());
  }

  @Test
  void the_overflow_is_proven_and_every_byte_accounted_for() {
    assertThat(report.verdict().outcome()).isEqualTo(OverflowVerdict.Outcome.PROVEN);
    assertThat(report.usage().attributed() + report.usage().unattributed())
        .isEqualTo(report.usage().size());
    assertThat(report.usage().coverage()).isGreaterThan(0.95);
  }

  @Test
  void the_product_has_4496_bytes_in_50_frames() {
    ModuleOwner.ProductUsage product =
        report.products().stream()
            .filter(p -> p.origin() == ModuleOwner.Origin.THIRD_PARTY)
            .findFirst()
            .orElseThrow();
    assertThat(product.bytes()).isEqualTo(4496);
    assertThat(product.frames()).isEqualTo(50);
    assertThat(product.modules())
        .containsExactlyInAnyOrder("BossHog01", "MamaHog", "BossHog", "BabyHog", "daddyHog");
  }

  @Test
  void the_stages_are_those_of_the_case() {
    assertThat(report.stages().stream().map(Stage::bytes).limit(4))
        .containsExactly(996L, 3232L, 2844L, 3300L);
    assertThat(report.stages()).hasSize(5);
    assertThat(report.crossings()).containsEntry("BabyHog", 4).containsEntry("BossHog", 4);
  }

  @Test
  void the_largest_frame_is_explained_by_its_code() {
    BigFrame largest = report.bigFrames().getFirst();
    assertThat(largest.frame().bytes()).isEqualTo(0x2c4);
    assertThat(largest.where()).contains("locals 656: add esp,0FFFFFD70h at b8d8c0ed");
  }

  @Test
  void analyze_has_kds_fields_in_kds_order() {
    StringBuilder out = new StringBuilder();
    new Interpreter(new Session(debuggee), out).run("!analyze -v");
    assertThat(out.toString())
        .containsSubsequence(
            "UNEXPECTED_KERNEL_MODE_TRAP (7f)",
            "Arg1: 00000008, EXCEPTION_DOUBLE_FAULT",
            "BUGCHECK_CODE:  7f",
            "BUGCHECK_P1: 8",
            "BUGCHECK_STR:  0x7f_8",
            "TSS:  00000028 -- (.tss 0x28)",
            "Resetting default scope",
            "PROCESS_NAME:  StackHog.exe",
            "STACK_OVERFLOW: Stack Limit: b8ae6000.",
            "STACK_TEXT:  ",
            "STACK_COMMAND:  .tss 0x28 ; kb",
            "FAILURE_BUCKET_ID:  0x7f_8_",
            "OVERFLOW_BUCKET:  overflow_StackHog_reentry",
            "Followup:     MachineOwner");
  }

  @Test
  void the_page_holds_everything_and_no_name_can_break_out_of_its_data() {
    String page = HtmlReport.page(report);
    assertThat(page).contains("MamaHog").doesNotContain("@@").doesNotContain("src=\"http");
    int data = page.indexOf("<script id=\"data\"");
    String json = page.substring(page.indexOf('>', data) + 1, page.indexOf("</script>", data));
    assertThat(json).startsWith("{").endsWith("}").doesNotContain("<");
  }
}
