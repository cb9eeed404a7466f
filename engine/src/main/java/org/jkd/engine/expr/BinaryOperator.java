// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import org.jspecify.annotations.Nullable;

/** The binary operators of MASM expressions; a lower level binds tighter. */
enum BinaryOperator {
  // Longer texts first where one begins with another.
  SHIFT_RIGHT_SIGNED(">>>", 3),
  SHIFT_LEFT("<<", 3),
  SHIFT_RIGHT(">>", 3),
  EQUAL_TWICE("==", 4),
  LESS_EQUAL("<=", 4),
  GREATER_EQUAL(">=", 4),
  NOT_EQUAL("!=", 4),
  EQUAL("=", 4),
  LESS("<", 4),
  GREATER(">", 4),
  MULTIPLY("*", 1),
  DIVIDE("/", 1),
  REMAINDER_WORD("mod", 1),
  REMAINDER("%", 1),
  ADD("+", 2),
  SUBTRACT("-", 2),
  AND_WORD("and", 5),
  AND("&", 5),
  XOR_WORD("xor", 6),
  XOR("^", 6),
  OR_WORD("or", 7),
  OR("|", 7);

  /** The level of the loosest operators. */
  static final int LOWEST = 7;

  private static final BinaryOperator[] ALL = values();

  private final String text;
  private final int level;

  BinaryOperator(String text, int level) {
    this.text = text;
    this.level = level;
  }

  int level() {
    return level;
  }

  int length() {
    return text.length();
  }

  /** The operator that stands at a place of a text. */
  static @Nullable BinaryOperator at(String line, int pos) {
    for (BinaryOperator operator : ALL) {
      String text = operator.text;
      if (line.regionMatches(true, pos, text, 0, text.length())) {
        int end = pos + text.length();
        boolean isWord = Character.isLetter(text.charAt(0));
        if (!isWord || end >= line.length() || !Character.isLetterOrDigit(line.charAt(end))) {
          return operator;
        }
      }
    }
    return null;
  }

  boolean dividesBy(long right) {
    return right == 0 && (this == DIVIDE || this == REMAINDER || this == REMAINDER_WORD);
  }

  long apply(long a, long b) {
    return switch (this) {
      case MULTIPLY -> a * b;
      case DIVIDE -> Long.divideUnsigned(a, b);
      case REMAINDER, REMAINDER_WORD -> Long.remainderUnsigned(a, b);
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case SHIFT_LEFT -> tooFar(b) ? 0 : a << b;
      case SHIFT_RIGHT -> tooFar(b) ? 0 : a >>> b;
      case SHIFT_RIGHT_SIGNED -> tooFar(b) ? a >> 63 : a >> b;
      case EQUAL, EQUAL_TWICE -> truth(a == b);
      case NOT_EQUAL -> truth(a != b);
      case LESS -> truth(Long.compareUnsigned(a, b) < 0);
      case LESS_EQUAL -> truth(Long.compareUnsigned(a, b) <= 0);
      case GREATER -> truth(Long.compareUnsigned(a, b) > 0);
      case GREATER_EQUAL -> truth(Long.compareUnsigned(a, b) >= 0);
      case AND, AND_WORD -> a & b;
      case XOR, XOR_WORD -> a ^ b;
      case OR, OR_WORD -> a | b;
    };
  }

  private static boolean tooFar(long bits) {
    return Long.compareUnsigned(bits, 63) > 0;
  }

  private static long truth(boolean b) {
    return b ? 1 : 0;
  }
}
