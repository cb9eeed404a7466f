// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

/** An expression that has no value. The message is kd's line for it. */
public final class ExpressionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final int position;

  /** What went wrong; the words that kd uses. */
  public enum Kind {
    RESOLVE("Couldn't resolve error"),
    SYNTAX("Syntax error"),
    REGISTER("Bad register error"),
    OPERAND("Operand error"),
    MEMORY("Memory access error"),
    OVERFLOW("Overflow error"),
    EXTRA("Extra character error"),
    RANGE("Range error"),
    TYPE("Type conflict error"),
    /** Memory of a dump that a command would write to. */
    WRITE("Memory access error"),
    /** A command that lets the target run. */
    NOT_RUNNABLE("No runnable debuggees error"),
    /** A command that needs a live target in another way. */
    LIVE("Operation not supported by current debuggee error");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** For instance {@code Syntax error}. */
    public String words() {
      return words;
    }
  }

  /**
   * @param text the text that was evaluated
   * @param position where in the text, in characters
   */
  public ExpressionException(Kind kind, String text, int position) {
    super(kind.words() + " at '" + text.substring(Math.min(position, text.length())).strip() + "'");
    this.kind = kind;
    this.position = position;
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }

  /** The place in the evaluated text, in characters from its start. */
  public int position() {
    return position;
  }
}
