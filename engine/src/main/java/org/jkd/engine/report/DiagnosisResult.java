// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.util.List;
import org.jkd.engine.command.Result;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;

/** A part of the report, or all of it. */
public record DiagnosisResult(Part part, StackReport report) implements Result {
  private static final String RULER = "=".repeat(81);

  /** What is shown. */
  public enum Part {
    VERDICT,
    USAGE,
    STAGES,
    BIG_FRAMES,
    ALL
  }

  @Override
  public void text(TextOut out) {
    switch (part) {
      case VERDICT -> ReportText.verdict(report.verdict(), out);
      case USAGE -> usage(out);
      case STAGES -> ReportText.stages(report.stages(), out);
      case BIG_FRAMES -> ReportText.bigFrames(report.bigFrames(), out);
      case ALL -> ReportText.write(report, out);
    }
  }

  /** kd's tables, then what kd does not say: how much of the stack they explain. */
  private void usage(TextOut out) {
    table("Stack Usage By Function", report.usage().functions(), out);
    table("Stack Usage By Module", report.usage().modules(), out);
    StackUsage usage = report.usage();
    out.end()
        .line(
            "Covered: "
                + usage.attributed()
                + " of "
                + usage.size()
                + " bytes ("
                + ReportText.percent(usage.attributed(), usage.size())
                + "), unaccounted: "
                + usage.unattributed());
    if (usage.trapFrames().frames() != 0) {
      out.line(
          "Of these, "
              + usage.trapFrames().bytes()
              + " bytes are trap frames ("
              + usage.trapFrames().frames()
              + "), the price of entering the kernel");
    }
    if (usage.elsewhere() != 0) {
      out.line("On other stacks: " + usage.elsewhere() + " bytes, not in these tables' coverage");
    }
    if (!report.covered()) {
      out.line("Too little is covered for a verdict on who used the stack.");
    }
  }

  private static void table(String title, List<StackUsage.Row> rows, TextOut out) {
    out.line(RULER).line(title).line(RULER).end().line("      Size     Count  Module");
    long total = 0;
    for (StackUsage.Row row : rows) {
      out.line(
          String.format("0x%08X", row.bytes())
              + Text.right(Integer.toString(row.frames()), 10)
              + "  "
              + row.name());
      total += row.bytes();
    }
    out.line(RULER).line(String.format("Total Size: 0x%08X", total)).end();
  }

  @Override
  public void json(JsonOut out) {
    switch (part) {
      case VERDICT -> ReportJson.verdict(report.verdict(), out);
      case USAGE -> ReportJson.usage(report.usage(), report.products(), out);
      case STAGES -> ReportJson.stages(report.stages(), report.crossings(), out);
      case BIG_FRAMES -> ReportJson.bigFrames(report.bigFrames(), out);
      case ALL -> ReportJson.write(report, out);
    }
  }
}
