// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.mini.MiniThread;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Command;
import org.jkd.engine.command.Names;
import org.jkd.engine.command.Result;
import org.jkd.engine.command.Session;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.image.Cancellation;
import org.jkd.stack.CallStack;
import org.jkd.stack.Frame;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;
import org.jkd.target.UserTarget;

/**
 * {@code !findstack Symbol [0|1|2]}: the threads whose stacks have a function; windbg-commands.md,
 * 6.4. kd has it for user mode; here it looks through the threads of a kernel dump, too.
 */
public final class FindStackCommand extends Command {
  private static final int MAX_FRAMES = 0x100;

  @Override
  public Result run(Arguments arguments, Session session) {
    String symbol = arguments.word().toLowerCase(Locale.ROOT);
    if (symbol.isEmpty()) {
      throw arguments.error(Kind.SYNTAX);
    }
    long level = arguments.atEnd() ? 1 : arguments.expression();
    arguments.end();
    List<Match> matches = new ArrayList<>();
    if (session.target() instanceof UserTarget user) {
      for (MiniThread thread : user.threads()) {
        Optional<CpuContext> context = user.context(thread);
        context
            .flatMap(c ->
                match(
                    session, "%03d".formatted(thread.index()), session.walk(c, MAX_FRAMES), symbol))
            .ifPresent(matches::add);
      }
    } else {
      kernel(new Nt(session), symbol, matches);
    }
    List<String> lines = new ArrayList<>();
    for (Match match : matches) {
      lines.add("Thread " + match.thread() + ", " + match.hits() + " frame(s) match");
      for (Row row : match.rows()) {
        if (level >= 2 || level == 1 && row.hit()) {
          lines.add("        " + (row.hit() ? "* " : "  ") + row.text());
        }
      }
      if (level > 0) {
        lines.add("");
      }
    }
    return new Answer(
        lines,
        o ->
            o.objects(
                "threads",
                matches,
                (j, m) ->
                    j.text("thread", m.thread())
                        .number("matches", m.hits())
                        .texts(
                            "frames",
                            m.rows().stream().filter(Row::hit).map(Row::symbol).toList())));
  }

  private static void kernel(Nt nt, String symbol, List<Match> matches) {
    for (KernelProcess process : ProcessCommand.find(nt).processes()) {
      for (KernelThread thread : nt.kernel().threads(process)) {
        Cancellation.check();
        ThreadReport.context(nt, thread)
            .flatMap(c ->
                match(
                    nt.session(),
                    nt.hex(thread.address()),
                    nt.session().walk(thread, c, MAX_FRAMES),
                    symbol))
            .ifPresent(matches::add);
      }
    }
  }

  /**
   * A frame.
   *
   * @param hit true if it is what was looked for
   */
  record Row(String text, String symbol, boolean hit) {}

  /** A thread with at least one such frame. */
  record Match(String thread, List<Row> rows) {
    long hits() {
      return rows.stream().filter(Row::hit).count();
    }
  }

  private static Optional<Match> match(
      Session session, String thread, CallStack stack, String symbol) {
    List<Row> rows = new ArrayList<>();
    boolean any = false;
    for (Frame frame : stack.frames()) {
      String name =
          session
              .names()
              .at(frame.ip())
              .map(Names.Name::text)
              .orElse(Hex.prefixed(session.arch(), frame.ip()));
      boolean hit = name.toLowerCase(Locale.ROOT).contains(symbol);
      any |= hit;
      String base = text(session.arch(), frame.base());
      String back = text(session.arch(), frame.returnAddress());
      rows.add(
          new Row(Hex.pad(frame.index(), 2) + " " + base + " " + back + " " + name, name, hit));
    }
    return any ? Optional.of(new Match(thread, rows)) : Optional.empty();
  }

  private static String text(Arch arch, long value) {
    return Hex.address(arch, value);
  }
}
