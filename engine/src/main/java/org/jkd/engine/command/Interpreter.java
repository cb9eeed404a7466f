// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.redact.RedactedLines;
import org.jkd.engine.redact.Redaction;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Cancellation;
import org.jkd.image.CancelledException;
import org.jkd.image.FormatException;
import org.jkd.symbols.SymbolSet;

/** Runs lines of commands in a session and hands their answers on as text or JSON. */
public final class Interpreter {
  private final Session session;
  private final Answers answers;
  private final TextOut out;
  private boolean anyFailed;

  public Interpreter(Session session, Appendable out) {
    this.session = session;
    this.answers = new Answers(out, session.log());
    this.out = new TextOut(answers, session.arch());
    session.setInterpreter(this);
  }

  /**
   * Runs all commands of a line; one that fails does not stop the others.
   *
   * @return false if the line said {@code q}
   */
  public boolean run(String line) {
    try {
      if (session.log().isOpen()) {
        session.logLine(session.prompt() + line);
      }
      return Script.run(this, session, line) != Flow.QUIT;
    } catch (CancelledException e) {
      // The rest of the line goes with the command; the next line starts afresh.
      interrupted(line, String.valueOf(e.getMessage()));
      return true;
    } catch (CommandException e) {
      fail(line, String.valueOf(e.getMessage()));
      return true;
    } catch (StackOverflowError e) {
      fail(line, "The line nests too deeply");
      return true;
    } finally {
      answers.reset();
      session.log().flush();
    }
  }

  private void interrupted(String line, String words) {
    Thread.interrupted();
    try {
      answers.reset();
      fail(line, words);
    } catch (CancelledException again) {
      // Whoever interrupts twice needs to be told but once, and it is told already.
      Thread.interrupted();
    }
  }

  /** True once a command has failed. */
  public boolean anyFailed() {
    return anyFailed;
  }

  /** Runs commands and gives back their text instead of showing it. */
  String capture(String commands) {
    boolean json = session.json();
    session.setJson(false);
    int depth = answers.capture();
    try {
      // Which way they ended does not matter to whoever wants their text.
      Script.run(this, session, commands);
      return answers.captured(depth);
    } finally {
      answers.release(depth);
      session.setJson(json);
    }
  }

  /** Runs one command and shows its answer; false if it failed. */
  boolean answer(CommandLine.Piece piece) {
    Cancellation.check();
    String complaint;
    try {
      Result result = run(piece);
      write(piece.text(), result, true);
      return true;
    } catch (ExpressionException e) {
      complaint = describe(e, piece.text());
    } catch (CommandException | FormatException e) {
      complaint = String.valueOf(e.getMessage());
    } catch (UncheckedIOException | CancelledException e) {
      throw e; // nobody reads any more
    } catch (StackOverflowError e) {
      complaint = "The command nests too deeply";
    } catch (OutOfMemoryError e) {
      complaint = "The command needs more memory: give the Java machine more with JKD_OPTS=-Xmx4g";
    } catch (RuntimeException e) {
      // A defect of jkd: said as such, in one line, and the session goes on.
      complaint = "Internal error in '" + piece.text() + "': " + e;
    }
    fail(piece.text(), complaint);
    return false;
  }

  private Result run(CommandLine.Piece piece) {
    try {
      return answered(piece);
    } finally {
      tellNews();
    }
  }

  /** Shows where symbols were looked for while a command ran, before its answer, if wanted. */
  private void tellNews() {
    if (session.debuggee().symbolOptions().has(SymbolOptions.DEBUG)) {
      for (SymbolSet.News news : session.debuggee().symbols().news()) {
        note("DBGHELP: " + news.module() + " - " + news.line());
      }
    }
  }

  private Result answered(CommandLine.Piece piece) {
    Command command =
        piece
            .command()
            .orElseThrow(() ->
                piece.name().startsWith("!")
                    ? new CommandException("No export " + piece.name().substring(1) + " found")
                    : new ExpressionException(Kind.SYNTAX, piece.text(), 0));
    if (session.redaction().isPresent() && MemoryShown.by(command, piece.text())) {
      throw new CommandException("Memory contents are not shown with --redact");
    }
    Arguments arguments = new Arguments(piece.text(), piece.name(), piece.argumentsAt(), session);
    return command.run(arguments, session);
  }

  /** Shows what was wrong with a control statement that started at a place of a text. */
  void failed(String statement, int start, ExpressionException e) {
    int column = Math.clamp(e.position() - start, 0, statement.length());
    fail(statement, describe(new ExpressionException(e.kind(), statement, column), statement));
  }

  void failed(String statement, CommandException e) {
    fail(statement, String.valueOf(e.getMessage()));
  }

  private void fail(String command, String complaint) {
    anyFailed = true;
    write(command, Lines.of(complaint), false);
  }

  /** A line that is no command's answer, as a script's own lines are. */
  void note(String line) {
    if (!session.json()) {
      text(pen -> pen.line(line));
    }
  }

  /** What an expression cannot read has kd's plain line; bad words are pointed at. */
  private String describe(ExpressionException e, String text) {
    return switch (e.kind()) {
      case MEMORY, OPERAND, REGISTER, OVERFLOW, TYPE -> String.valueOf(e.getMessage());
      case RESOLVE, SYNTAX, EXTRA, RANGE, WRITE, NOT_RUNNABLE, LIVE -> caret(e, text);
    };
  }

  private String caret(ExpressionException e, String text) {
    int column = session.prompt().length() + Math.min(e.position(), text.length());
    return " ".repeat(column) + "^ " + e.kind().words() + " in '" + text + "'";
  }

  /** Lets text be written, through the redaction if there is one. */
  private void text(Consumer<TextOut> writer) {
    Optional<Redaction> redaction = session.redaction();
    if (redaction.isEmpty()) {
      writer.accept(out);
      return;
    }
    RedactedLines lines = new RedactedLines(answers, redaction.get());
    try {
      try {
        writer.accept(new TextOut(lines, session.arch()));
      } finally {
        lines.pass();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String command, Result result, boolean ok) {
    if (!session.json()) {
      text(result::text);
      return;
    }
    JsonOut.write(
        out,
        session.redaction().<UnaryOperator<String>>map(r -> r).orElse(UnaryOperator.identity()),
        json -> {
          json.text("schema", "jkd/1").text("command", command).flag("ok", ok);
          if (ok) {
            result.json(json);
          } else if (result instanceof Lines lines) {
            json.text("error", String.join("\n", lines.lines()).strip());
          }
        });
  }
}
