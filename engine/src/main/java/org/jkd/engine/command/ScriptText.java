// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/** Finding one's way in the text of a script: blanks, quotes, pairs of brackets. */
final class ScriptText {
  private ScriptText() {}

  /** The first place from {@code pos} on that is no blank; newlines are blanks. */
  static int skipBlanks(String text, int pos) {
    int i = pos;
    while (i < text.length() && isBlank(text.charAt(i))) {
      i++;
    }
    return i;
  }

  static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  /**
   * The place of the bracket that closes the one at {@code open}, or -1. Brackets of the same kind
   * nest; those in double quotes do not count.
   */
  static int close(String text, int open) {
    char opening = text.charAt(open);
    char closing = opening == '{' ? '}' : ')';
    boolean quoted = false;
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' && !escaped(text, i)) {
        quoted = !quoted;
      } else if (quoted) {
        continue;
      } else if (text.startsWith("${", i) && text.indexOf('}', i) > 0) {
        i = text.indexOf('}', i); // an alias, not a block
      } else if (c == opening) {
        depth++;
      } else if (c == closing && --depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /** The place of the semicolon that ends a command, or the end of the text. */
  static int endOfCommand(String text, int start) {
    boolean quoted = false;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' && !escaped(text, i)) {
        quoted = !quoted;
      } else if ((c == ';' || c == '\n') && !quoted) {
        return i;
      }
    }
    return text.length();
  }

  /** The place of the first semicolon outside quotes and parentheses, or -1. */
  static int semicolon(String text, int from, int to) {
    boolean quoted = false;
    int depth = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c == '"' && !escaped(text, i)) {
        quoted = !quoted;
      } else if (!quoted) {
        depth += c == '(' || c == '{' ? 1 : c == ')' || c == '}' ? -1 : 0;
        if (c == ';' && depth == 0) {
          return i;
        }
      }
    }
    return -1;
  }

  private static boolean escaped(String text, int quote) {
    int slashes = 0;
    while (quote > slashes && text.charAt(quote - 1 - slashes) == '\\') {
      slashes++;
    }
    return slashes % 2 == 1;
  }
}
