// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.Evaluator;
import org.jkd.engine.expr.ExpressionContext;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;

/**
 * The text of one command and how far it has been read.
 *
 * <p>Positions count characters from the start of the command, so that errors can point at them.
 */
public final class Arguments {
  /** Ranges longer than this many bytes need {@code L?}, as in kd. */
  private static final long MAX_RANGE = 256L << 20;

  private final String text;
  private final String name;
  private final ExpressionContext context;
  private int pos;

  /**
   * @param text the whole command, its name included
   * @param name the name as written, for instance {@code kvn} or {@code !thread}
   * @param pos where the arguments start
   */
  Arguments(String text, String name, int pos, ExpressionContext context) {
    this.text = text;
    this.name = name;
    this.pos = pos;
    this.context = context;
  }

  /** The command's name as it was written. */
  public String name() {
    return name;
  }

  /** The whole command. */
  public String text() {
    return text;
  }

  /** The place that is read next. */
  public int position() {
    return pos;
  }

  /** Goes back to a place that was read before. */
  public void back(int position) {
    pos = position;
  }

  /** True when only blanks are left. */
  public boolean atEnd() {
    skipBlanks();
    return pos >= text.length();
  }

  /** The next character after blanks, or NUL at the end. */
  public char peek() {
    return atEnd() ? 0 : text.charAt(pos);
  }

  /** The run of letters that comes next after blanks; nothing is taken. */
  public String peekLetters() {
    skipBlanks();
    int end = pos;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    return text.substring(pos, end);
  }

  /** Takes a text if it comes next after blanks; case matters. */
  public boolean eat(String expected) {
    skipBlanks();
    if (text.startsWith(expected, pos)) {
      pos += expected.length();
      return true;
    }
    return false;
  }

  /**
   * Takes an option such as {@code /c} or {@code -r} if it is the next whole word.
   *
   * @param option the option with its leading character
   */
  public boolean eatWord(String option) {
    skipBlanks();
    int end = pos + option.length();
    if (text.startsWith(option, pos) && (end >= text.length() || isBlank(text.charAt(end)))) {
      pos = end;
      return true;
    }
    return false;
  }

  /**
   * A text in double quotes, as it is written between them; a quote after a backslash belongs to
   * it.
   */
  public String quoted() {
    if (peek() != '"') {
      throw error(Kind.SYNTAX);
    }
    int end = pos + 1;
    while (end < text.length() && text.charAt(end) != '"') {
      end += text.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= text.length()) {
      throw error(Kind.SYNTAX);
    }
    String value = text.substring(pos + 1, end);
    pos = end + 1;
    return value;
  }

  /** Everything that is left, without blanks around it. */
  public String rest() {
    String rest = text.substring(Math.min(pos, text.length())).strip();
    pos = text.length();
    return rest;
  }

  /** The next word up to a blank; empty at the end. */
  public String word() {
    skipBlanks();
    int start = pos;
    while (pos < text.length() && !isBlank(text.charAt(pos))) {
      pos++;
    }
    return text.substring(start, pos);
  }

  /** The next word up to a blank or one of the given characters. */
  public String name(String stops) {
    skipBlanks();
    int start = pos;
    while (pos < text.length()
        && !isBlank(text.charAt(pos))
        && stops.indexOf(text.charAt(pos)) < 0) {
      pos++;
    }
    return text.substring(start, pos);
  }

  /** Evaluates the expression that comes next. */
  public long expression() {
    skipBlanks();
    Evaluator evaluator = new Evaluator(text, pos, context);
    long value = evaluator.expression();
    pos = evaluator.position();
    return value;
  }

  /** Evaluates an address: cut to the target's width. */
  public long address() {
    return context.arch().address(expression());
  }

  /** Fails unless everything has been read. */
  public void end() {
    if (!atEnd()) {
      throw error(Kind.EXTRA);
    }
  }

  /** An error of the given kind at the current place. */
  public ExpressionException error(Kind kind) {
    return new ExpressionException(kind, text, pos);
  }

  /**
   * Reads a range: {@code start}, {@code start end} with the end inclusive, {@code start L count},
   * {@code start L-count} or {@code start L?count}; a comma may stand between the two.
   *
   * @param start the address to take when none is given
   * @param unit bytes per element
   * @param defaultCount elements when the length is not given
   */
  public Range range(long start, int unit, long defaultCount) {
    return range(start, unit, defaultCount, true);
  }

  /**
   * Reads a range.
   *
   * @param cut true if addresses are cut to the target's width; physical ones are not
   */
  Range range(long start, int unit, long defaultCount, boolean cut) {
    long from = atEnd() || isLength() ? start : cut ? address() : expression();
    return rangeFrom(from, unit, defaultCount, cut);
  }

  private Range rangeFrom(long start, int unit, long defaultCount, boolean cut) {
    eat(",");
    if (atEnd()) {
      return new Range(start, defaultCount);
    }
    int at = pos;
    if (isLength()) {
      pos++;
      boolean unlimited = eat("?");
      boolean backwards = eat("-");
      long count = expression();
      if (unlimited && count != 0) {
        // Unsigned: L?ffffffff is what users type who mean everything, and it is sign-extended.
        count =
            Long.compareUnsigned(count, Long.MAX_VALUE / unit) < 0 ? count : Long.MAX_VALUE / unit;
      }
      checkSize(count, unit, unlimited, at);
      return backwards
          ? new Range(
              cut ? context.arch().address(start - count * unit) : start - count * unit, count)
          : new Range(start, count);
    }
    long end = cut ? address() : expression();
    if (Long.compareUnsigned(end, start) < 0) {
      throw new ExpressionException(Kind.RANGE, text, at);
    }
    long bytes = end - start;
    if (Long.compareUnsigned(bytes, MAX_RANGE) >= 0) {
      throw new ExpressionException(Kind.RANGE, text, at);
    }
    // The end counts as a byte: a unit is shown if all of its bytes are in the range.
    return new Range(start, Math.max(1, (bytes + 1) / unit));
  }

  private void checkSize(long count, int unit, boolean unlimited, int at) {
    long limit = unlimited ? Long.MAX_VALUE / unit : MAX_RANGE / unit;
    if (count <= 0 || count > limit) {
      throw new ExpressionException(Kind.RANGE, text, at);
    }
  }

  /** True before the {@code L} of a length: not before a name that merely begins with one. */
  private boolean isLength() {
    char c = peek();
    if (c != 'L' && c != 'l') {
      return false;
    }
    int next = pos + 1;
    while (next < text.length() && isBlank(text.charAt(next))) {
      next++;
    }
    if (next >= text.length()) {
      return true;
    }
    char after = text.charAt(next);
    return next > pos + 1 || "?-(@$".indexOf(after) >= 0 || Character.digit(after, 16) >= 0;
  }

  private void skipBlanks() {
    while (pos < text.length() && isBlank(text.charAt(pos))) {
      pos++;
    }
  }

  private static boolean isBlank(char c) {
    return ScriptText.isBlank(c);
  }
}
