// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jkd.engine.expr.Evaluator;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;

/**
 * The parts of a {@code .foreach}.
 *
 * @param skipFirst tokens left out before the first round
 * @param skip tokens left out after every round
 * @param source where the tokens come from: {@code '{'} commands, {@code 's'} a text, {@code 'f'} a
 *     file
 * @param input the commands, the text or the file's name
 * @param end the place behind the statement
 */
record ForEach(
    String variable, long skipFirst, long skip, char source, String input, String body, int end) {

  /** Reads the statement whose name ends before {@code from}. */
  static ForEach parse(String text, int from, Session session) {
    int pos = ScriptText.skipBlanks(text, from);
    long skipFirst = 0;
    long skip = 0;
    char source = '{';
    while (pos < text.length() && text.charAt(pos) == '/') {
      if (text.startsWith("/pS", pos) || text.startsWith("/ps", pos)) {
        int number = ScriptText.skipBlanks(text, pos + 3);
        int end = number;
        while (end < text.length()
            && "(/".indexOf(text.charAt(end)) < 0
            && !ScriptText.isBlank(text.charAt(end))) {
          end++;
        }
        long value = new Evaluator(text.substring(0, end), number, session).expression();
        if (value < 0 || value > Integer.MAX_VALUE) {
          throw new ExpressionException(Kind.RANGE, text, pos + 3);
        }
        skipFirst = text.charAt(pos + 2) == 'S' ? value : skipFirst;
        skip = text.charAt(pos + 2) == 's' ? value : skip;
        pos = end;
      } else if (text.startsWith("/s", pos) || text.startsWith("/f", pos)) {
        source = text.charAt(pos + 1);
        pos += 2;
      } else {
        throw new ExpressionException(Kind.SYNTAX, text, pos);
      }
      pos = ScriptText.skipBlanks(text, pos);
    }
    int close = closing(text, pos, '(');
    int name = ScriptText.skipBlanks(text, pos + 1);
    int nameEnd = name;
    while (nameEnd < close
        && !ScriptText.isBlank(text.charAt(nameEnd))
        && text.charAt(nameEnd) != '{') {
      nameEnd++;
    }
    if (nameEnd == name) {
      throw new ExpressionException(Kind.SYNTAX, text, name);
    }
    int at = ScriptText.skipBlanks(text, nameEnd);
    String input =
        source == '{' ? text.substring(at + 1, closing(text, at, '{')) : unquoted(text, at, close);
    int open = ScriptText.skipBlanks(text, close + 1);
    int end = closing(text, open, '{');
    String variable = Aliases.nameIn(text.substring(name, nameEnd));
    return new ForEach(
        variable, skipFirst, skip, source, input, text.substring(open + 1, end), end + 1);
  }

  private static int closing(String text, int at, char opening) {
    int close = at < text.length() && text.charAt(at) == opening ? ScriptText.close(text, at) : -1;
    if (close < 0) {
      throw new ExpressionException(Kind.SYNTAX, text, Math.min(at, text.length()));
    }
    return close;
  }

  private static String unquoted(String text, int from, int to) {
    String input = text.substring(from, to).strip();
    boolean quoted = input.length() > 1 && input.startsWith("\"") && input.endsWith("\"");
    return quoted ? input.substring(1, input.length() - 1) : input;
  }

  /** The words that the variable stands for, one after the other. */
  Iterable<String> tokens(Session session) {
    String words =
        switch (source) {
          case '{' -> session.capture(input);
          case 's' -> input;
          default -> file(session);
        };
    return () -> new Words(words, skipFirst, skip);
  }

  private String file(Session session) {
    try {
      return String.join("\n", session.host().lines(Path.of(input)));
    } catch (IOException | InvalidPathException e) {
      throw new CommandException("The file '" + input + "' could not be read");
    }
  }

  /** Cuts a text at blanks while it is read, so that a long answer is not kept twice. */
  private static final class Words implements Iterator<String> {
    private final String text;
    private final long skip;
    private int pos;

    Words(String text, long skipFirst, long skip) {
      this.text = text;
      this.skip = skip;
      pass(skipFirst);
    }

    private void pass(long count) {
      for (long i = 0; i < count && hasNext(); i++) {
        take();
      }
    }

    private String take() {
      int start = pos;
      while (pos < text.length() && !ScriptText.isBlank(text.charAt(pos))) {
        pos++;
      }
      return text.substring(start, pos);
    }

    @Override
    public boolean hasNext() {
      pos = ScriptText.skipBlanks(text, pos);
      return pos < text.length();
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      String word = take();
      pass(skip);
      return word;
    }
  }
}
