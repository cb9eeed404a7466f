// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.UncheckedIOException;
import java.util.Optional;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Cancellation;
import org.jkd.image.CancelledException;
import org.jkd.image.FormatException;

/** Runs lines of commands in a session and hands their answers on as text or JSON. */
public final class Interpreter {
  private final Session session;
  private final TextOut out;
  private boolean anyFailed;

  public Interpreter(Session session, Appendable out) {
    this.session = session;
    this.out = new TextOut(out, session.arch());
  }

  /**
   * Runs all commands of a line; one that fails does not stop the others.
   *
   * @return false if the line said {@code q}
   */
  public boolean run(String line) {
    CommandLine commands = new CommandLine(line);
    for (Optional<CommandLine.Piece> piece = commands.next();
        piece.isPresent();
        piece = commands.next()) {
      if (isQuit(piece.get().name())) {
        return false;
      }
      if (!answer(piece.get())) {
        return true;
      }
    }
    return true;
  }

  /** True once a command has failed. */
  public boolean anyFailed() {
    return anyFailed;
  }

  private static boolean isQuit(String name) {
    return name.equals("q") || name.equals("qq") || name.equals("qd");
  }

  /** Runs one command and shows its answer; false if it was interrupted. */
  private boolean answer(CommandLine.Piece piece) {
    try {
      Cancellation.check();
      runAndShow(piece);
      return true;
    } catch (CancelledException e) {
      // The rest of the line goes with the command; the next line starts afresh.
      Thread.interrupted();
      anyFailed = true;
      write(piece.text(), Lines.of(String.valueOf(e.getMessage())), false);
      return false;
    }
  }

  private void runAndShow(CommandLine.Piece piece) {
    Result result;
    boolean ok = true;
    try {
      result = run(piece);
    } catch (ExpressionException e) {
      result = Lines.of(describe(e, piece));
      ok = false;
    } catch (CommandException | FormatException e) {
      result = Lines.of(String.valueOf(e.getMessage()));
      ok = false;
    } catch (StackOverflowError e) {
      result = Lines.of("The command nests too deeply");
      ok = false;
    } catch (CancelledException e) {
      throw e;
    } catch (RuntimeException e) {
      // A defect of jkd: said as such, in one line, and the session goes on.
      result = Lines.of("Internal error in '" + piece.text() + "': " + e);
      ok = false;
    }
    try {
      write(piece.text(), result, ok);
    } catch (CommandException e) {
      ok = false;
      write(piece.text(), Lines.of(String.valueOf(e.getMessage())), false);
    } catch (UncheckedIOException | CancelledException e) {
      throw e; // nobody reads any more
    } catch (RuntimeException e) {
      ok = false;
      write(piece.text(), Lines.of("Internal error in '" + piece.text() + "': " + e), false);
    }
    anyFailed |= !ok;
  }

  private Result run(CommandLine.Piece piece) {
    Command command =
        piece
            .command()
            .orElseThrow(() ->
                piece.name().startsWith("!")
                    ? new CommandException("No export " + piece.name().substring(1) + " found")
                    : new ExpressionException(Kind.SYNTAX, piece.text(), 0));
    Arguments arguments = new Arguments(piece.text(), piece.name(), piece.argumentsAt(), session);
    return command.run(arguments, session);
  }

  /** What an expression cannot read has kd's plain line; bad words are pointed at. */
  private String describe(ExpressionException e, CommandLine.Piece piece) {
    return switch (e.kind()) {
      case MEMORY, OPERAND, REGISTER, OVERFLOW -> String.valueOf(e.getMessage());
      case RESOLVE, SYNTAX, EXTRA, RANGE -> caret(e, piece.text());
    };
  }

  private String caret(ExpressionException e, String text) {
    int column = session.prompt().length() + Math.min(e.position(), text.length());
    return " ".repeat(column) + "^ " + e.kind().words() + " in '" + text + "'";
  }

  private void write(String command, Result result, boolean ok) {
    if (!session.json()) {
      result.text(out);
      return;
    }
    out.line(
        JsonOut.object(json -> {
          json.text("schema", "jkd/1").text("command", command).flag("ok", ok);
          if (ok) {
            result.json(json);
          } else if (result instanceof Lines lines) {
            json.text("error", String.join("\n", lines.lines()).strip());
          }
        }));
  }
}
