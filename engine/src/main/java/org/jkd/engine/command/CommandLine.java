// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;

/** Cuts one command out of a text: up to a semicolon outside double quotes. */
final class CommandLine {
  private CommandLine() {}

  /**
   * One command of a line.
   *
   * @param text from its first to its last character that is no blank
   * @param name the name as it is written
   * @param argumentsAt where in {@code text} the arguments start
   * @param length how many characters of the line it takes
   */
  record Piece(String text, String name, int argumentsAt, int length, Optional<Command> command) {}

  /** The command that starts at a place. */
  static Piece piece(String line, int start, String name) {
    Optional<Command> command = CommandTable.find(name);
    boolean whole = command.isPresent() && command.get().takesWholeLine(line.substring(start));
    int end = whole ? endOfLine(line, start) : ScriptText.endOfCommand(line, start);
    String text = line.substring(start, end).stripTrailing();
    return new Piece(text, name, Math.min(name.length(), text.length()), end - start, command);
  }

  private static int endOfLine(String line, int start) {
    int newline = line.indexOf('\n', start);
    return newline < 0 ? line.length() : newline;
  }
}
