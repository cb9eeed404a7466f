// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jkd.cpu.Arch;
import org.jkd.engine.diagnosis.BugCheckCatalog;
import org.jkd.engine.diagnosis.Subject;
import org.jkd.engine.diagnosis.Suspect;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.engine.report.ReportJson;
import org.jkd.engine.report.StackReport;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.target.FaultContext;
import org.jkd.target.SystemInfo;

/**
 * {@code !analyze} in kd's field order. The texts of bug checks are jkd's own, and STACK_TEXT is
 * the rebuilt stack, which STACK_SOURCE says.
 *
 * @param fault where the registers of the fault come from
 * @param registers their block
 * @param blame what kd's fields name
 * @param imageName the file of that module, or empty
 */
record CrashAnalysis(
    StackReport report,
    SystemInfo system,
    Optional<FaultContext> fault,
    Optional<RegisterBlock> registers,
    AnalyzeCommand.Blame blame,
    String imageName,
    boolean verbose)
    implements Result {
  private static final int INNER_WIDTH = 77;
  private static final String STARS = "*".repeat(INNER_WIDTH + 2);

  /** Rows of a folded stack that are shown at most. */
  private static final int MAX_ROWS = 1000;

  @Override
  public void text(TextOut out) {
    Subject s = report.subject();
    banner(out);
    if (!verbose) {
      brief(out, s);
      return;
    }
    new BugCheckText(s.arch(), BugCheckCatalog.of(s.code()), s.parameters()).text(out);
    out.end();
    out.line("Debugging Details:").line("------------------").end();
    out.line("BUGCHECK_CODE:  " + Long.toHexString(BugCheckCatalog.strip(s.code()))).end();
    for (int i = 0; i < s.parameters().size(); i++) {
      out.line("BUGCHECK_P" + (i + 1) + ": " + Long.toHexString(s.parameters().get(i))).end();
    }
    if (s.thread().isPresent()) {
      out.line("FAULTING_THREAD:  " + Hex.pad(s.thread().getAsLong(), 2 * s.arch().pointerSize()))
          .end();
    }
    out.line("BUGCHECK_STR:  " + bugCheckText(s)).end();
    context(out, s);
    field(out, "PROCESS_NAME", s.process());
    if (report.verdict().isOverflow()) {
      out.line(
              "STACK_OVERFLOW: Stack Limit: "
                  + Hex.pad(report.stack().stackLimit(), 2 * s.arch().pointerSize())
                  + ". Use (kF) and (!stackusage) to investigate stack usage.")
          .end();
    }
    field(out, "STACK_SOURCE", "rebuilt (!stackrecon), " + frames().size() + " frames");
    out.line("STACK_TEXT:  ");
    stack(out, s.arch());
    out.end();
    summary(out);
  }

  /** What older debuggers print when a dump is opened; the victim is not the culprit. */
  private void brief(TextOut out, Subject s) {
    out.line("Use !analyze -v to get detailed debugging information.").end();
    out.line(
            "BugCheck "
                + Long.toHexString(BugCheckCatalog.strip(s.code())).toUpperCase(Locale.ROOT)
                + ", {"
                + s.parameters().stream().map(Long::toHexString).collect(Collectors.joining(", "))
                + "}")
        .end();
    Optional<Suspect> suspect = report.suspect();
    if (report.verdict().isOverflow() && suspect.isPresent()) {
      out.line(
              "Probably caused by : "
                  + suspect.get().module()
                  + " ( "
                  + suspect.get().reason()
                  + " )")
          .end();
    } else if (!blame.module().isEmpty()) {
      out.line(
              "Probably caused by : "
                  + (imageName.isEmpty() ? blame.module() : imageName)
                  + " ( "
                  + blame.symbol().replace("+0x", "+")
                  + " )")
          .end();
    }
    out.line("Followup:     MachineOwner").line("---------");
  }

  private static void banner(TextOut out) {
    String title = "Bugcheck Analysis";
    String blank = "*" + " ".repeat(INNER_WIDTH) + "*";
    out.line(STARS).line(blank);
    out.line("*" + Text.left(" ".repeat(24) + title, INNER_WIDTH) + "*");
    out.line(blank).line(STARS).end();
  }

  private void summary(TextOut out) {
    Subject s = report.subject();
    field(out, "SYMBOL_NAME", blame.symbol().replace("+0x", "+"));
    if (!blame.module().isEmpty()) {
      out.line("MODULE_NAME: " + blame.module()).end();
    }
    field(out, "IMAGE_NAME", imageName);
    field(out, "STACK_COMMAND", stackCommand(s));
    field(out, "FAILURE_BUCKET_ID", report.buckets().failure());
    field(out, "OVERFLOW_BUCKET", report.buckets().overflow());
    report.suspect().ifPresent(x -> field(out, "SUSPECT", x.module() + ": " + x.reason()));
    field(
        out, "VERDICT", report.verdict().outcome().text() + ", " + report.verdict().cause().text());
    field(out, "BUILDLAB_STR", system.buildLab().orElse(""));
    field(out, "OSPLATFORM_TYPE", s.arch().name().toLowerCase(Locale.ROOT));
    field(out, "OSNAME", s.system().replaceAll(" Kernel Version.*", ""));
    out.line("Followup:     MachineOwner").line("---------");
  }

  private static void field(TextOut out, String name, String value) {
    if (!value.isEmpty()) {
      out.line(name + ":  " + value).end();
    }
  }

  private static String bugCheckText(Subject s) {
    String code = "0x" + Long.toHexString(BugCheckCatalog.strip(s.code()));
    return BugCheckCatalog.strip(s.code()) == 0x7f
        ? code + "_" + Long.toHexString(s.parameters().getFirst())
        : code;
  }

  private boolean isTask() {
    return fault.isPresent() && fault.get().source().startsWith("TSS");
  }

  private boolean isTrapFrame() {
    return fault.isPresent() && fault.get().source().startsWith("trap frame");
  }

  /** The parameter that holds the address of the trap frame the registers come from. */
  private long trapFrame(Subject s) {
    String source = fault.orElseThrow().source();
    return s.parameters().get(source.charAt(source.length() - 1) - '1');
  }

  private void context(TextOut out, Subject s) {
    if (isTask()) {
      out.line("TSS:  00000028 -- (.tss 0x28)");
    } else if (isTrapFrame()) {
      String address = Hex.pad(trapFrame(s), 2 * s.arch().pointerSize());
      out.line("TRAP_FRAME:  " + address + " -- (.trap 0x" + address + ")");
    } else if (fault.isPresent()) {
      out.line("CONTEXT:  (" + fault.get().source() + ")");
    }
    if (registers.isPresent() && s.arch() != Arch.ARM64) {
      registers.get().text(out);
      out.line("Resetting default scope").end();
    }
  }

  private String stackCommand(Subject s) {
    if (isTask()) {
      return ".tss 0x28 ; kb";
    }
    return isTrapFrame()
        ? ".trap 0x" + Long.toHexString(trapFrame(s)) + " ; kb"
        : ".thread ; .cxr ; kb";
  }

  /** kv's rows without a header; what cannot be told is left out, repeats are folded. */
  private void stack(TextOut out, Arch arch) {
    List<RebuiltFrame> frames = frames();
    for (int i = 0; i < Math.min(frames.size(), MAX_ROWS); i++) {
      RebuiltFrame f = frames.get(i);
      String child =
          f.childEbp().isPresent()
              ? Hex.address(arch, f.childEbp().getAsLong())
              : " ".repeat(arch == Arch.X86 ? 8 : 17);
      String back = Hex.address(arch, f.returnAddress().orElse(0));
      out.line(
          arch == Arch.X86
              ? child + " " + back + " " + f.symbol()
              : child + " " + back + "     : " + f.symbol());
    }
  }

  private List<RebuiltFrame> frames() {
    return report.stack().frames();
  }

  @Override
  public void json(JsonOut out) {
    ReportJson.write(report, out);
  }
}
