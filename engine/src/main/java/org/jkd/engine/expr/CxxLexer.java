// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.math.BigInteger;
import java.util.Locale;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jspecify.annotations.Nullable;

/** The tokens of C++ expressions. */
final class CxxLexer {
  private final String text;
  private int pos;
  private int mark;

  CxxLexer(String text, int start) {
    this.text = text;
    this.pos = start;
  }

  String text() {
    return text;
  }

  int position() {
    return pos;
  }

  void back(int position) {
    pos = position;
  }

  private void skipBlanks() {
    while (pos < text.length() && (text.charAt(pos) == ' ' || text.charAt(pos) == '\t')) {
      pos++;
    }
  }

  boolean eat(String token) {
    skipBlanks();
    if (text.startsWith(token, pos)) {
      pos += token.length();
      return true;
    }
    return false;
  }

  /** A dot before a member's name. */
  boolean eatDot() {
    return eat(".");
  }

  boolean eatWord(String word) {
    skipBlanks();
    int end = pos + word.length();
    if (text.startsWith(word, pos) && (end == text.length() || !isNamePart(text.charAt(end)))) {
      pos = end;
      return true;
    }
    return false;
  }

  void expect(String token) {
    if (!eat(token)) {
      throw error(Kind.SYNTAX);
    }
  }

  /** One of the operators of a level, if it is the whole operator that stands here. */
  @Nullable String operator(String[] operators) {
    skipBlanks();
    for (String operator : operators) {
      int end = pos + operator.length();
      if (text.startsWith(operator, pos)) {
        char next = end < text.length() ? text.charAt(end) : 0;
        boolean doubled =
            operator.length() == 1 && "|&<>".contains(operator) && next == operator.charAt(0);
        boolean arrow = operator.equals("-") && next == '>';
        if (!doubled && !arrow) {
          pos = end;
          return operator;
        }
      }
    }
    return null;
  }

  private static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$';
  }

  /** A name: with a module, with classes, or a register's; empty if none stands here. */
  String name() {
    skipBlanks();
    int start = pos;
    if (pos < text.length() && text.charAt(pos) == '@') {
      pos++;
    }
    while (pos < text.length()) {
      char c = text.charAt(pos);
      boolean module = c == '!' && pos > start && follows(pos + 1);
      boolean scope = text.startsWith("::", pos) && follows(pos + 2);
      if (!isNamePart(c) && !module && !scope) {
        break;
      }
      pos += scope ? 2 : 1;
    }
    return text.substring(start, pos);
  }

  private boolean follows(int at) {
    return at < text.length() && (isNamePart(text.charAt(at)) || text.charAt(at) == '~');
  }

  /** The words of a type's name; what stands in angle brackets belongs to them. */
  String typeName() {
    StringBuilder name = new StringBuilder();
    while (true) {
      int before = pos;
      String word = name();
      if (word.isEmpty() || word.startsWith("@") || Character.isDigit(word.charAt(0))) {
        pos = before;
        return name.toString();
      }
      int colon = word.indexOf('!');
      boolean keyword =
          switch (word) {
            case "struct", "class", "union", "enum", "const", "volatile" -> true;
            default -> false;
          };
      if (!keyword) {
        name.append(name.isEmpty() ? "" : " ").append(word);
        if (colon >= 0 || !isPartOfBuiltIn(word)) {
          return name.toString();
        }
      }
    }
  }

  private static boolean isPartOfBuiltIn(String word) {
    return switch (word) {
      case "unsigned", "signed", "long", "short", "int", "char", "__int64", "int64" -> true;
      default -> false;
    };
  }

  /** A number or character, or null if none stands here. */
  @Nullable CxxValue literal() {
    skipBlanks();
    if (pos >= text.length()) {
      throw error(Kind.SYNTAX);
    }
    char c = text.charAt(pos);
    if (c == '\'') {
      return character();
    }
    if (!Character.isDigit(c)) {
      return null;
    }
    int start = pos;
    int end = pos;
    while (end < text.length() && (isNamePart(text.charAt(end)) || text.charAt(end) == '`')) {
      end++;
    }
    boolean hex = text.startsWith("0x", pos) || text.startsWith("0X", pos);
    if (!hex && end < text.length() && text.charAt(end) == '.' && isFraction(end + 1)) {
      return fraction();
    }
    String word = text.substring(start, end).toLowerCase(Locale.ROOT).replace("`", "");
    String digits = word.replaceFirst(hex ? "(u?i64|i64u?|[ul]+)$" : "(ui64|i64|[ul]+)$", "");
    String suffix = word.substring(digits.length());
    int radix = 10;
    if (digits.startsWith("0x")) {
      radix = 16;
      digits = digits.substring(2);
    } else if (digits.startsWith("0n")) {
      digits = digits.substring(2);
    } else if (digits.startsWith("0t") || digits.startsWith("0y")) {
      radix = digits.charAt(1) == 't' ? 8 : 2;
      digits = digits.substring(2);
    } else if (digits.length() > 1 && digits.startsWith("0")) {
      radix = 8;
    }
    BigInteger value;
    try {
      value = new BigInteger(digits, radix);
    } catch (NumberFormatException e) {
      throw error(Kind.SYNTAX);
    }
    if (value.signum() < 0 || value.bitLength() > 64) {
      throw error(Kind.OVERFLOW);
    }
    pos = end;
    return CxxValue.of(literalType(value, suffix, radix != 10), value.longValue());
  }

  private static CxxType literalType(BigInteger value, String suffix, boolean mayBeUnsigned) {
    boolean unsigned = suffix.contains("u");
    boolean wide = suffix.contains("64") || suffix.contains("ll");
    int bits = value.bitLength();
    if (!wide && bits <= 31 && !unsigned) {
      return CxxType.INT;
    }
    if (!wide && bits <= 32 && (unsigned || mayBeUnsigned)) {
      return CxxType.UNSIGNED;
    }
    return bits <= 63 && !unsigned ? CxxType.INT64 : CxxType.UNSIGNED64;
  }

  private boolean isFraction(int at) {
    return at >= text.length() || Character.isDigit(text.charAt(at));
  }

  private CxxValue fraction() {
    int end = pos;
    while (end < text.length()
        && (Character.isDigit(text.charAt(end)) || text.charAt(end) == '.')) {
      end++;
    }
    double value;
    try {
      value = Double.parseDouble(text.substring(pos, end));
    } catch (NumberFormatException e) {
      throw error(Kind.SYNTAX);
    }
    pos = end;
    return CxxValue.of(CxxType.DOUBLE, Double.doubleToLongBits(value));
  }

  private CxxValue character() {
    int at = pos + 1;
    if (at + 1 < text.length() && text.charAt(at) == '\\') {
      at++;
    }
    if (at + 1 >= text.length() || text.charAt(at + 1) != '\'') {
      throw error(Kind.SYNTAX);
    }
    char c = text.charAt(at);
    boolean escaped = at > pos + 1;
    int value =
        !escaped ? c : c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? 0 : c;
    pos = at + 2;
    return CxxValue.of(CxxType.CHAR, value);
  }

  /** Remembers the place of an operand, which errors of its value point at. */
  void mark() {
    skipBlanks();
    mark = pos;
  }

  ExpressionException errorAtOperand(Kind kind) {
    return new ExpressionException(kind, text, mark);
  }

  ExpressionException error(Kind kind) {
    skipBlanks();
    return new ExpressionException(kind, text, pos);
  }

  /** An error at a name that has just been taken. */
  ExpressionException errorBefore(Kind kind, String name) {
    return new ExpressionException(kind, text, pos - name.length());
  }
}
