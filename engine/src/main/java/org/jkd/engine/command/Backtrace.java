// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.stack.CallStack;
import org.jkd.stack.Frame;
import org.jkd.stack.FrameNote;
import org.jkd.stack.StackWarning;
import org.jkd.symbols.SourceLine;

/**
 * A back-trace with names.
 *
 * @param firstNumber the number of the first row
 * @param lastSetContext true if the context was set by a command, which kd says before the table
 */
public record Backtrace(
    Arch arch,
    List<Row> rows,
    BacktraceOptions options,
    boolean lastSetContext,
    List<String> notes,
    CallStack.End end,
    int firstNumber)
    implements Result {

  private static final String NOTICE =
      "  *** Stack trace for last set context - .thread/.cxr resets it";

  /**
   * A frame, or a call inside it that was inlined, and its name.
   *
   * @param symbol {@code nt!IofCallDriver+0x45}, {@code BabyHog+0x1196} or {@code 0x7c8285ec}; with
   *     parameters where they were asked for
   * @param function the same without a displacement
   * @param module empty outside all modules
   * @param line the source line, if it is known and wanted
   * @param inlined true for a call that was inlined in the frame
   */
  public record Row(
      Frame frame,
      String symbol,
      String function,
      String module,
      Optional<SourceLine> line,
      boolean inlined) {}

  /** Names the frames of a walk. */
  public static Backtrace of(
      Session session, CallStack stack, BacktraceOptions options, boolean lastSetContext) {
    List<Row> rows = new ArrayList<>(stack.frames().size());
    SourceText source = new SourceText(session);
    for (Frame frame : stack.frames()) {
      List<SourceText.Inlined> inlined = source.inlined(frame.place(), frame.ip());
      for (int i = 0; i < inlined.size(); i++) {
        SourceText.Inlined call = inlined.get(i);
        rows.add(
            new Row(
                frame,
                withParameters(session, frame, i, options, call.function(), call.text()),
                call.function(),
                call.module(),
                options.lines() ? call.line() : Optional.empty(),
                true));
      }
      var name = session.names().at(frame.ip());
      String raw = Hex.prefixed(session.arch(), frame.ip());
      String function = name.map(Names.Name::function).orElse(raw);
      String text = name.map(Names.Name::text).orElse(raw);
      rows.add(
          new Row(
              frame,
              withParameters(session, frame, inlined.size(), options, function, text),
              function,
              name.map(Names.Name::module).orElse(""),
              options.lines() ? source.line(frame.place()) : Optional.empty(),
              false));
    }
    return new Backtrace(
        session.arch(), List.copyOf(rows), options, lastSetContext, stack.notes(), stack.end(), 0);
  }

  /** Puts the parameters behind the function's name, if they are wanted and known. */
  private static String withParameters(
      Session session,
      Frame frame,
      int inlined,
      BacktraceOptions options,
      String function,
      String text) {
    if (!options.parameters() || !text.startsWith(function)) {
      return text;
    }
    FrameScope scope = new FrameScope(session, frame, inlined);
    List<String> parameters = scope.parameters();
    if (parameters.isEmpty() && scope.function().isEmpty()) {
      return text;
    }
    String separator = options.column() ? ",\n" + PARAMETER : ", ";
    String list = parameters.isEmpty() ? "void" : String.join(separator, parameters);
    String first = options.column() && !parameters.isEmpty() ? "\n" + PARAMETER : "";
    return function + "(" + first + list + ")" + text.substring(function.length());
  }

  private static final String PARAMETER = " ".repeat(24);

  @Override
  public void text(TextOut out) {
    if (lastSetContext) {
      out.line(NOTICE);
    }
    out.line(header());
    rows(out);
  }

  /** The rows without what stands above them. */
  void rows(TextOut out) {
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      boolean first = i == 0 || rows.get(i - 1).frame != row.frame;
      if (first && row.frame.warning().isPresent()) {
        out.line(row.frame.warning().get().text());
      }
      row(row, firstNumber + i, first, out);
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

  /**
   * @param first true for the first row of a frame: rows of inlined calls share its bytes
   */
  private void row(Row row, int number, boolean first, TextOut out) {
    Frame frame = row.frame;
    if (numbered()) {
      out.add(Hex.pad(number, number > 0xff ? 3 : 2)).add(" ");
    }
    if (options.clean()) {
      out.line(row.function);
      return;
    }
    if (options.distance()) {
      boolean known = frame.distance().isPresent();
      long distance = first ? frame.distance().orElse(0) : 0;
      out.add(known ? Hex.right(distance, 9) : " ".repeat(9)).add(" ");
    }
    if (arch == Arch.X86) {
      x86(row, out);
    } else {
      x64(row, out);
    }
    if (options.verbose() && frame.note().isPresent() && !row.inlined) {
      out.add(" ").add(frame.note().get().text());
    }
    out.line(SourceText.note(row.line));
  }

  private static final String NO_WORD = "--------";
  private static final String NO_LONG_WORD = NO_WORD + "`" + NO_WORD;

  private void x86(Row row, TextOut out) {
    Frame frame = row.frame;
    if (row.inlined) {
      out.add("(Inline) ").add(NO_WORD).add(" ");
      out.add(withArgs() ? (NO_WORD + " ").repeat(3) : "").add(row.symbol);
      return;
    }
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
    if (row.inlined) {
      out.add(!options.args() || options.verbose() ? "(Inline Function) " : "");
      out.add(NO_LONG_WORD).add("     ");
      out.add(withArgs() ? ": " + (NO_LONG_WORD + " ").repeat(4) + ": " : "").add(row.symbol);
      return;
    }
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
    int[] number = {firstNumber};
    out.objects("frames", rows, (o, row) -> json(o, row, number[0]++));
    out.text("end", end.name().toLowerCase(Locale.ROOT));
    if (!notes.isEmpty()) {
      out.texts("notes", notes);
    }
  }

  private void json(JsonOut out, Row row, int number) {
    Frame frame = row.frame;
    out.number("index", number).address("ip", frame.ip());
    out.address(arch == Arch.X86 ? "childEbp" : "childSp", frame.base());
    out.address("returnAddress", frame.returnAddress());
    if (frame.slot().isPresent()) {
      out.address("returnSlot", frame.slot().getAsLong());
    }
    if (frame.distance().isPresent()) {
      out.number("distance", frame.distance().getAsLong());
    }
    out.text("symbol", row.symbol).text("function", row.function).optional("module", row.module);
    if (row.line.isPresent()) {
      out.text("file", row.line.get().file()).number("line", row.line.get().line());
    }
    if (row.inlined) {
      out.flag("inlined", true);
    }
    out.text("kind", frame.kind().name().toLowerCase(Locale.ROOT));
    out.text("source", frame.source().name().toLowerCase(Locale.ROOT));
    out.optional("note", frame.note().map(FrameNote::text).orElse(""));
    if (frame.trapFrame().isPresent()) {
      out.address("trapFrame", frame.trapFrame().getAsLong());
    }
    out.optional("warning", frame.warning().map(StackWarning::text).orElse(""));
  }
}
