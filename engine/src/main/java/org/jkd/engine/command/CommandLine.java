// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;

/**
 * Cuts a line into commands: at semicolons outside double quotes, with {@code *} comments to the
 * end of the line and {@code $$} comments to the next semicolon.
 */
final class CommandLine {
  private final String line;
  private int pos;

  CommandLine(String line) {
    this.line = line;
  }

  /**
   * One command of a line.
   *
   * @param text from its first to its last character that is no blank
   * @param name the name as it is written
   * @param argumentsAt where in {@code text} the arguments start
   */
  record Piece(String text, String name, int argumentsAt, Optional<Command> command) {}

  /** The next command, or empty at the end of the line. */
  Optional<Piece> next() {
    while (pos < line.length() && (isBlank(line.charAt(pos)) || line.charAt(pos) == ';')) {
      pos++;
    }
    if (pos >= line.length() || line.charAt(pos) == '*') {
      pos = line.length();
      return Optional.empty();
    }
    if (line.startsWith("$$", pos)
        && !line.startsWith("$$<", pos)
        && !line.startsWith("$$>", pos)) {
      int semicolon = line.indexOf(';', pos);
      pos = semicolon < 0 ? line.length() : semicolon;
      return next();
    }
    int start = pos;
    String name = CommandTable.nameAt(line, start);
    Optional<Command> command = CommandTable.find(name);
    boolean whole = command.isPresent() && command.get().takesWholeLine();
    int end = whole ? line.length() : endOfCommand(start);
    pos = end;
    String text = line.substring(start, end).stripTrailing();
    return Optional.of(new Piece(text, name, Math.min(name.length(), text.length()), command));
  }

  private int endOfCommand(int start) {
    boolean quoted = false;
    for (int i = start; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ';' && !quoted) {
        return i;
      }
    }
    return line.length();
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
  }
}
