// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jkd.engine.diagnosis.BigFrame;
import org.jkd.engine.diagnosis.BugCheckCatalog;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.diagnosis.RepeatedWords;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.engine.diagnosis.Stage;
import org.jkd.engine.diagnosis.Subject;
import org.jkd.engine.diagnosis.Suspect;
import org.jkd.engine.diagnosis.WordPeriods;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.stack.rebuild.Cycle;
import org.jkd.stack.rebuild.Gap;
import org.jkd.stack.rebuild.RebuiltFrame;

/** The report for people at a terminal: the verdict first, then what it rests on. */
public final class ReportText {
  private static final int MODULES_PER_PRODUCT = 6;

  /** Frames of a stack whose depth is not the matter. */
  private static final int MAX_FRAMES = 16;

  private static final int TEXT_WIDTH = 110;

  /** Functions of one turn of a repetition. */
  private static final int MAX_TURN = 8;

  private final StackReport report;
  private final TextOut out;

  private ReportText(StackReport report, TextOut out) {
    this.report = report;
    this.out = out;
  }

  /** Writes the whole report. */
  public static void write(StackReport report, TextOut out) {
    new ReportText(report, out).write();
  }

  private void write() {
    subject();
    verdict(report.verdict(), out);
    suspect();
    if (report.verdict().isOverflow() && !report.stack().frames().isEmpty()) {
      products();
      if (report.usage().attributed() > 0) {
        stages(report.stages(), out);
        bigFrames(report.bigFrames(), out);
      }
      repetition();
      unattributed();
    } else {
      stack();
    }
    list("WHAT WOULD GIVE BYTES BACK", report.advice());
    vendorNote();
    out.line("BUCKETS").line("  " + report.buckets().failure());
    if (!report.buckets().overflow().isEmpty()) {
      out.line("  " + report.buckets().overflow());
    }
    out.end();
    list("NOTES", report.notes());
  }

  /** Whom to ask, and what that rests on. */
  private void suspect() {
    if (report.suspect().isPresent()) {
      Suspect suspect = report.suspect().orElseThrow();
      boolean windows = suspect.owner().origin() == ModuleOwner.Origin.MICROSOFT;
      out.line(
          (windows ? "LOOK AT: " : "ASK THE MAKER OF: ")
              + suspect.module()
              + origin(suspect.owner()));
      out.line(
          "  "
              + (suspect.symbol().isEmpty() ? "" : suspect.symbol() + ": ")
              + suspect.reason()
              + " ("
              + suspect.proof().text()
              + ")");
      out.end();
    }
    if (!report.seen().isEmpty()) {
      out.line("DRIVERS THAT LEFT ADDRESSES ON THE STACK, in calls that may be over");
      for (Suspect seen : report.seen()) {
        out.line("  " + seen.module() + origin(seen.owner()) + ": " + seen.reason());
      }
      out.end();
    }
  }

  private static String origin(ModuleOwner owner) {
    StringJoiner text = new StringJoiner(", ", " (", ")");
    text.setEmptyValue("");
    if (!owner.product().isEmpty() || !owner.company().isEmpty()) {
      text.add((owner.company() + " " + owner.product()).strip());
    }
    if (!owner.build().isEmpty()) {
      text.add(owner.build());
    }
    switch (owner.origin()) {
      case MICROSOFT -> text.add("part of Windows");
      case THIRD_PARTY -> text.add("not part of Windows");
      case UNKNOWN -> {}
    }
    return text.toString();
  }

  /** The innermost frames; where depth is not the matter, the sums say little. */
  private void stack() {
    List<RebuiltFrame> frames = report.stack().frames();
    if (frames.isEmpty()) {
      return;
    }
    out.line(
        "STACK: "
            + (frames.size() == 1 ? "1 frame is" : frames.size() + " frames are")
            + " known, "
            + percent(report.usage().attributed(), report.usage().size())
            + " of its bytes");
    for (RebuiltFrame frame : frames.subList(0, Math.min(MAX_FRAMES, frames.size()))) {
      out.line(
          Text.right("#" + frame.index(), 6)
              + "  "
              + Text.left(frame.trust().text(), 11)
              + frame.symbol()
              + (frame.kind() == RebuiltFrame.Kind.CALL ? "" : "  (" + frame.kind().text() + ")"));
    }
    if (frames.size() > MAX_FRAMES) {
      out.line("        … " + (frames.size() - MAX_FRAMES) + " more: !stackrecon");
    }
    out.end();
  }

  private void vendorNote() {
    if (report.vendorNote().isEmpty()) {
      return;
    }
    out.line("WHAT TO TELL THE VENDOR");
    for (int i = 0; i < report.vendorNote().size(); i++) {
      item(i == 0 ? "  " : "  - ", report.vendorNote().get(i), out);
    }
    out.end();
  }

  private void subject() {
    Subject s = report.subject();
    BugCheckCatalog.Entry entry = BugCheckCatalog.of(s.code());
    out.line(s.file());
    if (!s.system().isEmpty()) {
      out.line("  " + s.system());
    }
    String trap =
        entry.code() == 0x7f && !s.parameters().isEmpty()
            ? ", " + BugCheckCatalog.trapName(s.parameters().getFirst())
            : "";
    out.line(
        "  "
            + entry.name()
            + " ("
            + Long.toHexString(s.code())
            + ") {"
            + s.parameters().stream().map(Long::toHexString).collect(Collectors.joining(", "))
            + "}"
            + trap);
    if (!report.verdict().isOverflow() && !entry.text().isEmpty()) {
      Runs.wrap(entry.text(), TEXT_WIDTH).forEach(line -> out.line("    " + line));
    }
    String who = s.process().isEmpty() ? "" : "process " + s.process() + ", ";
    if (s.thread().isPresent()) {
      out.line(
          "  "
              + who
              + "thread "
              + out.address(s.thread().getAsLong())
              + ", processor "
              + s.processor());
    }
    out.end();
  }

  /** The verdict with its facts. */
  static void verdict(OverflowVerdict verdict, TextOut out) {
    out.line(
        "VERDICT: "
            + verdict.outcome().text()
            + (verdict.outcome() == OverflowVerdict.Outcome.UNDECIDABLE
                ? ""
                : " (" + verdict.cause().text() + ")"));
    out.line("  " + verdict.summary());
    for (String fact : verdict.facts()) {
      out.line("  - " + fact);
    }
    out.end();
  }

  private void products() {
    StackUsage usage = report.usage();
    out.line(
        "WHO USED THE BYTES: "
            + usage.attributed()
            + " of "
            + usage.size()
            + " are attributed ("
            + percent(usage.attributed(), usage.size())
            + "), "
            + usage.unattributed()
            + " are not");
    if (!report.covered()) {
      out.line("  Too little of the stack is explained to lay it at anybody's door.");
    }
    if (report.products().isEmpty()) {
      out.end();
      return;
    }
    out.line("   bytes   share  frames  product: its modules");
    for (ModuleOwner.ProductUsage product : report.products()) {
      out.line(
          Text.right(Long.toString(product.bytes()), 8)
              + Text.right(percent(product.bytes(), usage.size()), 8)
              + Text.right(Integer.toString(product.frames()), 8)
              + "  "
              + productText(product));
    }
    if (usage.trapFrames().frames() > 0) {
      out.line(
          "  Trap frames, the price of entering the kernel: "
              + usage.trapFrames().bytes()
              + " of the kernel's bytes ("
              + usage.trapFrames().frames()
              + ").");
    }
    if (report.removable() > 0) {
      out.line(
          "  Not part of Windows: "
              + report.removable()
              + " bytes ("
              + percent(report.removable(), usage.size())
              + ").");
    }
    out.end();
  }

  private String productText(ModuleOwner.ProductUsage product) {
    String modules =
        product.modules().stream()
            .limit(MODULES_PER_PRODUCT)
            .map(m -> m + " " + report.usage().bytesOf(m))
            .collect(Collectors.joining(", "));
    if (product.modules().size() > MODULES_PER_PRODUCT) {
      modules += ", …";
    }
    boolean alone =
        product.modules().size() == 1 && product.modules().getFirst().equals(product.name());
    String origin = product.origin() == ModuleOwner.Origin.THIRD_PARTY ? " (not Windows)" : "";
    return (alone ? product.name() : product.name() + ": " + modules) + origin;
  }

  /** The stages, oldest first. */
  static void stages(List<Stage> stages, TextOut out) {
    if (stages.isEmpty()) {
      return;
    }
    out.line("STAGES: how the kernel was entered, oldest first");
    out.line("   #  rows   bytes  entered by");
    for (Stage stage : stages) {
      out.line(
          Text.right(Integer.toString(stage.number()), 4)
              + Text.right(Integer.toString(stage.rows()), 6)
              + Text.right(Long.toString(stage.bytes()), 8)
              + "  "
              + stage.title());
      if (!stage.crossed().isEmpty()) {
        out.line(
            " ".repeat(20)
                + Runs.text(stage.crossed())
                + (stage.completions().isEmpty()
                    ? ""
                    : "; completion routine of " + String.join(", ", stage.completions())));
      }
    }
    out.end();
  }

  /** The largest frames with what their code says. */
  static void bigFrames(List<BigFrame> frames, TextOut out) {
    if (frames.isEmpty()) {
      return;
    }
    out.line("BIGGEST FRAMES");
    for (BigFrame big : frames) {
      out.line(
          Text.right(Long.toString(big.frame().bytes()), 8)
              + "  #"
              + Text.left(Integer.toString(big.frame().index()), 4)
              + big.frame().symbol());
      if (!big.where().isEmpty()) {
        Runs.wrap(String.join("; ", big.where()), TEXT_WIDTH)
            .forEach(line -> out.line(" ".repeat(15) + line));
      }
    }
    out.end();
  }

  private void repetition() {
    if (!report.stack().cycles().isEmpty()) {
      out.line("REPETITION");
      for (Cycle cycle : report.stack().cycles()) {
        out.line(
            "  from frame "
                + cycle.first()
                + ": "
                + cycle.period()
                + (cycle.period() == 1 ? " frame, " : " frames, ")
                + cycle.count()
                + " times, "
                + cycle.bytes()
                + " bytes");
        out.line("    " + turn(cycle));
      }
      out.end();
    }
    if (report.repeated().isPresent()) {
      RepeatedWords repeated = report.repeated().orElseThrow();
      WordPeriods.Period period = repeated.period();
      out.line(
          "REPETITION OF WORDS: every 0x"
              + Long.toHexString(period.periodBytes())
              + " bytes, "
              + period.count()
              + " times, from "
              + out.address(period.from())
              + " ("
              + period.bytes()
              + " bytes)");
      out.line("  " + String.join(", ", repeated.symbols()));
      out.end();
    }
  }

  /** The functions of one turn of a cycle, caller first. */
  private String turn(Cycle cycle) {
    List<String> names = new ArrayList<>();
    for (int i = cycle.first() + cycle.period() - 1; i >= cycle.first(); i--) {
      RebuiltFrame frame = report.stack().frames().get(i);
      names.add(frame.function().contains("!") ? frame.function() : frame.symbol());
    }
    boolean folded = names.size() > MAX_TURN;
    return String.join(" > ", folded ? names.subList(0, MAX_TURN) : names) + (folded ? " > …" : "");
  }

  private void unattributed() {
    if (report.stack().gaps().isEmpty()) {
      return;
    }
    out.line("NOT ATTRIBUTED");
    for (Gap gap : report.stack().gaps()) {
      out.line(
          "  "
              + out.address(gap.from())
              + " to "
              + out.address(gap.to())
              + Text.right(Long.toString(gap.bytes()), 7)
              + "  "
              + gap.reason());
    }
    if (!report.covered()) {
      Gap largest = Collections.max(report.stack().gaps(), Comparator.comparing(Gap::bytes));
      out.line(
          "  Look for yourself: dps "
              + Long.toHexString(largest.from())
              + " "
              + Long.toHexString(largest.to()));
    }
    out.end();
  }

  private void list(String title, List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    out.line(title);
    lines.forEach(line -> item("  - ", line, out));
    out.end();
  }

  /** A line of a list, in as many lines as it takes. */
  private static void item(String mark, String text, TextOut out) {
    List<String> parts = Runs.wrap(text, TEXT_WIDTH);
    for (int i = 0; i < parts.size(); i++) {
      out.line((i == 0 ? mark : " ".repeat(mark.length())) + parts.get(i));
    }
  }

  static String percent(long part, long whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }
}
