// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
import org.jkd.engine.render.JsonOut;
import org.jkd.stack.rebuild.Cycle;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;

/** The report for programs; docs/json.md describes the fields. */
public final class ReportJson {
  private ReportJson() {}

  /** Writes all fields of the report into an object that is open. */
  public static void write(StackReport report, JsonOut out) {
    Subject s = report.subject();
    out.text("dump", s.file()).optional("system", s.system());
    BugCheckCatalog.Entry entry = BugCheckCatalog.of(s.code());
    out.object(
        "bugcheck",
        b ->
            b.address("code", s.code())
                .text("name", entry.name())
                .optional("text", entry.text())
                .texts(
                    "parameters",
                    s.parameters().stream().map(p -> "0x" + Long.toHexString(p)).toList()));
    out.optional("process", s.process());
    out.number("processor", s.processor());
    verdict(report.verdict(), out);
    stack(report.stack(), true, out);
    usage(report.usage(), report.products(), out);
    stages(report.stages(), report.crossings(), out);
    bigFrames(report.bigFrames(), out);
    if (report.repeated().isPresent()) {
      RepeatedWords repeated = report.repeated().orElseThrow();
      WordPeriods.Period p = repeated.period();
      out.object(
          "period",
          o ->
              o.address("from", p.from())
                  .number("periodBytes", p.periodBytes())
                  .number("count", p.count())
                  .number("bytes", p.bytes())
                  .texts("code", repeated.symbols())
                  .optional("module", repeated.module()));
    }
    report.suspect().ifPresent(suspect -> out.object("suspect", o -> suspect(suspect, o)));
    if (!report.seen().isEmpty()) {
      out.objects("seen", report.seen(), (o, x) -> suspect(x, o));
    }
    out.object(
        "buckets",
        b ->
            b.text("failure", report.buckets().failure())
                .optional("overflow", report.buckets().overflow()));
    out.texts("advice", report.advice());
    if (!report.vendorNote().isEmpty()) {
      out.texts("vendorNote", report.vendorNote());
    }
    out.objects(
        "owners",
        report.owners().values().stream()
            .sorted(Comparator.comparing(ModuleOwner::module))
            .toList(),
        (o, owner) -> owner(owner, o).text("reason", owner.reason()));
    out.texts("notes", report.notes());
  }

  private static void suspect(Suspect suspect, JsonOut out) {
    owner(suspect.owner(), out)
        .optional("symbol", suspect.symbol())
        .text("proof", suspect.proof().text())
        .text("reason", suspect.reason());
  }

  private static JsonOut owner(ModuleOwner owner, JsonOut out) {
    return out.text("module", owner.module())
        .optional("company", owner.company())
        .optional("product", owner.product())
        .optional("build", owner.build())
        .text("origin", origin(owner.origin()));
  }

  private static String origin(ModuleOwner.Origin origin) {
    return switch (origin) {
      case MICROSOFT -> "windows";
      case THIRD_PARTY -> "third party";
      case UNKNOWN -> "unknown";
    };
  }

  /** The verdict. */
  public static void verdict(OverflowVerdict verdict, JsonOut out) {
    out.object(
        "verdict",
        v ->
            v.text("outcome", verdict.outcome().text())
                .text("cause", verdict.cause().text())
                .text("summary", verdict.summary())
                .texts("facts", verdict.facts()));
  }

  /** The stack with its frames, gaps and cycles. */
  public static void stack(RebuiltStack stack, boolean evidence, JsonOut out) {
    if (stack.thread().isPresent()) {
      out.address("thread", stack.thread().getAsLong());
    }
    out.address("stackBase", stack.stackBase()).address("stackLimit", stack.stackLimit());
    if (stack.stackPointer().isPresent()) {
      out.address("stackPointer", stack.stackPointer().getAsLong());
    }
    out.objects("frames", stack.frames(), (o, f) -> frame(f, evidence, o));
    out.objects(
        "gaps",
        stack.gaps(),
        (o, g) ->
            o.address("from", g.from())
                .address("to", g.to())
                .number("bytes", g.bytes())
                .text("reason", g.reason()));
    out.objects("cycles", stack.cycles(), ReportJson::cycle);
  }

  private static void cycle(JsonOut out, Cycle cycle) {
    out.number("first", cycle.first())
        .number("period", cycle.period())
        .number("count", cycle.count())
        .number("bytes", cycle.bytes());
  }

  /** The fields of one frame; with what speaks for it and against it when asked. */
  public static void frame(RebuiltFrame f, boolean evidence, JsonOut out) {
    out.number("index", f.index()).address("ip", f.ip());
    if (f.slot().isPresent()) {
      out.address("slot", f.slot().getAsLong());
    }
    if (f.childEbp().isPresent()) {
      out.address("childEbp", f.childEbp().getAsLong());
    }
    if (f.returnAddress().isPresent()) {
      out.address("returnAddress", f.returnAddress().getAsLong());
    }
    out.text("function", f.function())
        .text("symbol", f.symbol())
        .optional("module", f.module())
        .number("bytes", f.bytes())
        .text("kind", f.kind().text())
        .text("trust", f.trust().text())
        .number("score", rounded(f.score()))
        .number("margin", rounded(f.margin()));
    if (f.trapFrame().isPresent()) {
      out.address("trapFrame", f.trapFrame().getAsLong());
    }
    if (evidence && !f.evidence().isEmpty()) {
      out.objects(
          "evidence",
          f.evidence(),
          (o, e) ->
              o.text("name", e.name())
                  .number("bits", rounded(e.bits()))
                  .optional("detail", e.detail()));
    }
    if (evidence && f.alternative().isPresent()) {
      RebuiltFrame.Alternative a = f.alternative().orElseThrow();
      out.object(
          "alternative",
          o ->
              o.address("slot", a.slot())
                  .address("ip", a.ip())
                  .number("score", rounded(a.score()))
                  .text("why", a.why()));
    }
  }

  /** The bytes by module and product. */
  public static void usage(StackUsage usage, List<ModuleOwner.ProductUsage> products, JsonOut out) {
    out.object(
        "usage",
        u -> {
          u.number("size", usage.size())
              .number("attributed", usage.attributed())
              .number("unattributed", usage.unattributed())
              .number("elsewhere", usage.elsewhere())
              .number("firm", usage.firm())
              .object(
                  "trapFrames",
                  t ->
                      t.number("count", usage.trapFrames().frames())
                          .number("bytes", usage.trapFrames().bytes()));
          rows("modules", "module", usage.modules(), u);
          rows("functions", "function", usage.functions(), u);
          u.objects(
              "products",
              products,
              (o, p) ->
                  o.text("product", p.name())
                      .optional("company", p.company())
                      .text("origin", origin(p.origin()))
                      .texts("modules", p.modules())
                      .number("bytes", p.bytes())
                      .number("frames", p.frames()));
        });
  }

  private static void rows(String name, String key, List<StackUsage.Row> rows, JsonOut out) {
    out.objects(
        name,
        rows,
        (o, r) -> o.text(key, r.name()).number("bytes", r.bytes()).number("frames", r.frames()));
  }

  /** The stages and how often each driver is crossed. */
  public static void stages(List<Stage> stages, Map<String, Integer> crossings, JsonOut out) {
    out.objects(
        "stages",
        stages,
        (o, s) -> {
          o.number("number", s.number())
              .text("entry", s.entry().name().toLowerCase(java.util.Locale.ROOT))
              .text("title", s.title())
              .number("first", s.first())
              .number("last", s.last())
              .number("rows", s.rows())
              .number("bytes", s.bytes());
          rows("modules", "module", s.modules(), o);
          o.texts("crossed", s.crossed())
              .text("path", Runs.text(s.crossed()))
              .texts("completions", s.completions());
        });
    out.objects(
        "crossings",
        crossings.entrySet(),
        (o, e) -> o.text("module", e.getKey()).number("stages", e.getValue()));
  }

  /** The largest frames. */
  public static void bigFrames(List<BigFrame> frames, JsonOut out) {
    out.objects(
        "bigFrames",
        frames,
        (o, b) ->
            o.number("index", b.frame().index())
                .number("bytes", b.frame().bytes())
                .text("function", b.frame().function())
                .text("symbol", b.frame().symbol())
                .texts("where", b.where())
                .texts("code", b.code()));
  }

  private static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
