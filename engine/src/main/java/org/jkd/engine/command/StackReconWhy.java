// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.engine.report.ReportJson;
import org.jkd.stack.rebuild.Evidence;
import org.jkd.stack.rebuild.RebuiltFrame;

/**
 * What speaks for and against a frame, or what a word of the stack is.
 *
 * @param frame empty when an address was asked for
 * @param lines what is to be said about that address
 */
record StackReconWhy(Arch arch, Optional<RebuiltFrame> frame, List<String> lines)
    implements Result {
  @Override
  public void text(TextOut out) {
    lines.forEach(out::line);
    if (frame.isEmpty()) {
      return;
    }
    RebuiltFrame f = frame.get();
    out.line(
        "frame "
            + Integer.toHexString(f.index())
            + "  "
            + f.symbol()
            + "  trust "
            + f.trust().text()
            + "  score "
            + bits(f.score())
            + "  margin "
            + bits(f.margin()));
    if (f.slot().isPresent()) {
      out.line(
          "  "
              + Hex.address(arch, f.ip())
              + " was read at "
              + Hex.address(arch, f.slot().getAsLong()));
    }
    for (Evidence e : f.evidence()) {
      out.line(String.format(Locale.ROOT, "  %7s  %-26s %s", bits(e.bits()), e.name(), e.detail()));
    }
    if (f.alternative().isPresent()) {
      RebuiltFrame.Alternative a = f.alternative().get();
      out.line(
          "  instead: "
              + Hex.address(arch, a.ip())
              + " at "
              + Hex.address(arch, a.slot())
              + " with "
              + bits(a.score())
              + ": "
              + a.why());
    } else {
      out.line("  nothing else was possible");
    }
  }

  private static String bits(double value) {
    return String.format(Locale.ROOT, "%+.1f", value);
  }

  @Override
  public void json(JsonOut out) {
    if (!lines.isEmpty()) {
      out.texts("lines", lines);
    }
    if (frame.isPresent()) {
      RebuiltFrame f = frame.get();
      ReportJson.frame(f, false, out);
      out.objects(
          "evidence",
          f.evidence(),
          (o, e) -> o.text("name", e.name()).number("bits", e.bits()).text("detail", e.detail()));
      f.alternative()
          .ifPresent(a ->
              out.object(
                  "alternative",
                  o ->
                      o.address("slot", a.slot())
                          .address("ip", a.ip())
                          .number("score", a.score())
                          .text("why", a.why())));
    }
  }
}
