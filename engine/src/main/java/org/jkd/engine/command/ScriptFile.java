// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code $< $>< $$< $$>< $$>a<}: commands out of a file. */
final class ScriptFile {
  private ScriptFile() {}

  /**
   * Runs a file.
   *
   * @param name the command: {@code ><} joins the lines to one block, {@code <} alone runs and
   *     shows them one by one
   * @param rest the file's name, and for {@code $$>a<} its arguments
   */
  static Flow run(
      Script script, Interpreter interpreter, Session session, String name, String rest) {
    List<String> words = name.equals("$$>a<") ? words(rest) : List.of(unquoted(rest));
    List<String> lines = lines(session, words.getFirst());
    if (!name.contains(">")) {
      for (String line : lines) {
        interpreter.note(session.prompt() + line);
        Flow flow = script.block(line, false);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    }
    Map<String, @Nullable String> before = new LinkedHashMap<>();
    for (int i = 1; i < words.size(); i++) {
      String argument = "$arg" + i;
      before.put(argument, session.aliases().get(argument));
      session.aliases().put(argument, words.get(i));
    }
    try {
      return script.block(String.join("\n", lines), false);
    } finally {
      before.forEach((argument, value) -> session.aliases().restore(argument, value));
    }
  }

  private static List<String> lines(Session session, String file) {
    if (file.isEmpty()) {
      throw new CommandException("A script's file name is missing");
    }
    try {
      return session.host().lines(Path.of(file));
    } catch (IOException | InvalidPathException e) {
      throw new CommandException(
          """
          Command file execution failed, Win32 error 0n2
              "The system cannot find the file specified.\"\
          """);
    }
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1) : text;
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    int pos = ScriptText.skipBlanks(text, 0);
    while (pos < text.length()) {
      int end;
      if (text.charAt(pos) == '"') {
        end = text.indexOf('"', pos + 1);
        end = end < 0 ? text.length() : end;
        words.add(text.substring(pos + 1, end));
        end = Math.min(end + 1, text.length());
      } else {
        end = pos;
        while (end < text.length() && !ScriptText.isBlank(text.charAt(end))) {
          end++;
        }
        words.add(text.substring(pos, end));
      }
      pos = ScriptText.skipBlanks(text, end);
    }
    return words.isEmpty() ? List.of("") : words;
  }
}
