// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;

/** {@code as aS al ad}: names for texts. */
final class AliasCommand extends Command {
  private final boolean wholeLine;

  /**
   * @param wholeLine true for {@code as}, whose text holds semicolons too
   */
  AliasCommand(boolean wholeLine) {
    this.wholeLine = wholeLine;
  }

  @Override
  boolean takesWholeLine(String text) {
    String rest = text.substring(2).stripLeading();
    // Addresses and numbers end like any argument; texts, files and commands take all.
    return wholeLine && !rest.startsWith("/m") && !rest.startsWith("/x") && !rest.startsWith("/e");
  }

  @Override
  public Result run(Arguments arguments, Session session) {
    return switch (arguments.name()) {
      case "al" -> {
        arguments.end();
        yield new Listed(session.aliases().all());
      }
      case "ad" -> delete(arguments, session.aliases());
      default -> define(arguments, session);
    };
  }

  private static Result delete(Arguments arguments, Aliases aliases) {
    boolean quiet = arguments.eatWord("/q");
    if (arguments.atEnd()) {
      throw arguments.error(Kind.SYNTAX);
    }
    if (arguments.eatWord("*")) {
      aliases.clear();
      return Lines.NONE;
    }
    List<String> missing = new ArrayList<>();
    while (!arguments.atEnd()) {
      String name = Aliases.nameIn(arguments.word());
      if (!aliases.remove(name) && !quiet) {
        missing.add("No alias named '" + name + "'");
      }
    }
    if (!missing.isEmpty()) {
      throw new CommandException(String.join("\n", missing));
    }
    return Lines.NONE;
  }

  private Result define(Arguments arguments, Session session) {
    String option = arguments.peek() == '/' ? arguments.word() : "";
    int at = arguments.position();
    String name = Aliases.nameIn(arguments.word());
    if (name.isEmpty() || arguments.atEnd()) {
      throw new ExpressionException(Kind.SYNTAX, arguments.text(), at);
    }
    String value =
        switch (option) {
          case "" -> {
            String text = arguments.rest();
            boolean quoted = !wholeLine && text.length() > 1 && text.startsWith("\"");
            yield quoted && text.endsWith("\"") ? text.substring(1, text.length() - 1) : text;
          }
          case "/e" ->
              session
                  .host()
                  .environment(arguments.rest())
                  .orElseThrow(() -> new CommandException("That environment variable is not set"));
          case "/f" -> file(session, arguments.rest());
          case "/c" -> session.capture(arguments.rest()).strip();
          case "/x" -> {
            long number = last(arguments);
            yield "0x" + Long.toHexString(number);
          }
          case "/ma" -> TargetText.string(session, last(arguments), 1);
          case "/mu" -> TargetText.string(session, last(arguments), 2);
          case "/msa" -> TargetText.counted(session, last(arguments), 1);
          case "/msu" -> TargetText.counted(session, last(arguments), 2);
          default -> throw new ExpressionException(Kind.SYNTAX, arguments.text(), at);
        };
    session.aliases().put(name, value);
    return Lines.NONE;
  }

  private static long last(Arguments arguments) {
    long value = arguments.expression();
    arguments.end();
    return value;
  }

  private static String file(Session session, String name) {
    try {
      return String.join("\n", session.host().lines(Path.of(name)));
    } catch (IOException | InvalidPathException e) {
      throw new CommandException("The file '" + name + "' could not be read");
    }
  }

  /** All aliases. */
  record Listed(Map<String, String> aliases) implements Result {
    @Override
    public void text(TextOut out) {
      if (aliases.isEmpty()) {
        out.line("No aliases");
        return;
      }
      out.line("  Alias            Value  ").line(" -------          ------- ");
      aliases.forEach((name, value) -> out.line(" " + Text.left(name, 16) + " " + value + " "));
    }

    @Override
    public void json(JsonOut out) {
      out.object("aliases", o -> aliases.forEach(o::text));
    }
  }
}
