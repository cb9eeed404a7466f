// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.stack.CallStack;
import org.jkd.stack.Frame;
import org.jkd.stack.FrameNote;
import org.jkd.stack.StackWarning;

/**
 * A back-trace with names.
 *
 * @param lastSetContext true if the context was set by a command, which kd says before the table
 */
public record Backtrace(
    Arch arch,
    List<Row> rows,
    BacktraceOptions options,
    boolean lastSetContext,
    List<String> notes,
    CallStack.End end)
    implements Result {

  private static final String NOTICE =
      "  *** Stack trace for last set context - .thread/.cxr resets it";

  /**
   * A frame and its name.
   *
   * @param symbol {@code nt!IofCallDriver+0x45}, {@code BabyHog+0x1196} or {@code 0x7c8285ec}
   * @param function the same without a displacement
   * @param module empty outside all modules
   */
  public record Row(Frame frame, String symbol, String function, String module) {}

  /** Names the frames of a walk. */
  public static Backtrace of(
      Session session, CallStack stack, BacktraceOptions options, boolean lastSetContext) {
    List<Row> rows = new ArrayList<>(stack.frames().size());
    for (Frame frame : stack.frames()) {
      var name = session.names().at(frame.ip());
      String raw = Hex.prefixed(session.arch(), frame.ip());
      rows.add(
          new Row(
              frame,
              name.map(Names.Name::text).orElse(raw),
              name.map(Names.Name::function).orElse(raw),
              name.map(Names.Name::module).orElse("")));
    }
    return new Backtrace(
        session.arch(), List.copyOf(rows), options, lastSetContext, stack.notes(), stack.end());
  }

  @Override
  public void text(TextOut out) {
    if (lastSetContext) {
      out.line(NOTICE);
    }
    out.line(header());
    for (Row row : rows) {
      if (row.frame.warning().isPresent()) {
        out.line(row.frame.warning().get().text());
      }
      row(row, out);
    }
  }

  /** x64 rows always have numbers, as today's debuggers print them; x86 rows when asked for. */
  private boolean numbered() {
    return options.numbers() || arch != Arch.X86;
  }

  private boolean withArgs() {
    return options.args() || options.verbose();
  }

  private String header() {
    String number = numbered() ? " # " : "";
    if (options.clean()) {
      return arch == Arch.X86 ? number : " # Call Site";
    }
    String memory = options.distance() ? "  Memory  " : "";
    if (arch == Arch.X86) {
      return number + memory + "ChildEBP RetAddr  " + (withArgs() ? X86_ARGS : "");
    }
    String stackPointer = options.args() && !options.verbose() ? "" : "Child-SP          ";
    String site = withArgs() ? X64_ARGS : "Call Site";
    return number + memory + stackPointer + "RetAddr               " + site;
  }

  private static final String X86_ARGS = "Args to Child              ";
  private static final String X64_ARGS = ": Args to Child" + " ".repeat(59) + ": Call Site";

  private void row(Row row, TextOut out) {
    Frame frame = row.frame;
    if (numbered()) {
      out.add(Hex.pad(frame.index(), frame.index() > 0xff ? 3 : 2)).add(" ");
    }
    if (options.clean()) {
      out.line(row.function);
      return;
    }
    if (options.distance()) {
      boolean known = frame.distance().isPresent();
      out.add(known ? Hex.right(frame.distance().getAsLong(), 9) : " ".repeat(9)).add(" ");
    }
    if (arch == Arch.X86) {
      x86(row, out);
    } else {
      x64(row, out);
    }
    if (options.verbose() && frame.note().isPresent()) {
      out.add(" ").add(frame.note().get().text());
    }
    out.end();
  }

  private void x86(Row row, TextOut out) {
    Frame frame = row.frame;
    out.add(Hex.pad(frame.base(), 8)).add(" ").add(Hex.pad(frame.returnAddress(), 8)).add(" ");
    if (withArgs()) {
      Frame.Args args = frame.args();
      out.add(Hex.pad(args.first(), 8)).add(" ");
      out.add(Hex.pad(args.second(), 8)).add(" ");
      out.add(Hex.pad(args.third(), 8)).add(" ");
    }
    out.add(row.symbol);
  }

  private void x64(Row row, TextOut out) {
    Frame frame = row.frame;
    if (!options.args() || options.verbose()) {
      out.add(Hex.accent(frame.base())).add(" ");
    }
    out.add(Hex.accent(frame.returnAddress())).add("     ");
    if (withArgs()) {
      Frame.Args args = frame.args();
      out.add(": ").add(Hex.accent(args.first())).add(" ").add(Hex.accent(args.second()));
      out.add(" ").add(Hex.accent(args.third())).add(" ").add(Hex.accent(args.fourth()));
      out.add(" : ");
    }
    out.add(row.symbol);
  }

  @Override
  public void json(JsonOut out) {
    out.objects("frames", rows, this::json);
    out.text("end", end.name().toLowerCase(Locale.ROOT));
    if (!notes.isEmpty()) {
      out.texts("notes", notes);
    }
  }

  private void json(JsonOut out, Row row) {
    Frame frame = row.frame;
    out.number("index", frame.index()).address("ip", frame.ip());
    out.address(arch == Arch.X86 ? "childEbp" : "childSp", frame.base());
    out.address("returnAddress", frame.returnAddress());
    if (frame.slot().isPresent()) {
      out.address("returnSlot", frame.slot().getAsLong());
    }
    if (frame.distance().isPresent()) {
      out.number("distance", frame.distance().getAsLong());
    }
    out.text("symbol", row.symbol).text("function", row.function).optional("module", row.module);
    out.text("kind", frame.kind().name().toLowerCase(Locale.ROOT));
    out.text("source", frame.source().name().toLowerCase(Locale.ROOT));
    out.optional("note", frame.note().map(FrameNote::text).orElse(""));
    if (frame.trapFrame().isPresent()) {
      out.address("trapFrame", frame.trapFrame().getAsLong());
    }
    out.optional("warning", frame.warning().map(StackWarning::text).orElse(""));
  }
}
