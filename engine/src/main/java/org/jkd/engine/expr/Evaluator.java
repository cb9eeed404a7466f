// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.Locale;
import java.util.OptionalLong;
import org.jkd.engine.expr.ExpressionException.Kind;

/**
 * Evaluates MASM expressions while it reads them: precedence climbing over seven levels of binary
 * operators, all arithmetic on unsigned 64-bit numbers.
 *
 * <p>An expression ends where no operator follows, so that {@code dps a b} holds two. The last
 * token read is what kd names when an operand turns out to be bad ({@code Memory access error at
 * ')'}).
 */
public final class Evaluator {
  /** Parentheses and unary operators may nest this deep; more is refused as a syntax error. */
  private static final int MAX_DEPTH = 200;

  private final String text;
  private final ExpressionContext context;
  private int pos;
  private int lastToken;
  private int depth;

  /**
   * @param start where in the text the expression starts, in characters
   */
  public Evaluator(String text, int start, ExpressionContext context) {
    this.text = text;
    this.context = context;
    this.pos = start;
    this.lastToken = start;
  }

  /** Evaluates a text that is one whole expression. */
  public static long evaluate(String text, ExpressionContext context) {
    Evaluator evaluator = new Evaluator(text, 0, context);
    long value = evaluator.expression();
    evaluator.skipBlanks();
    if (evaluator.pos < text.length()) {
      throw evaluator.error(Kind.EXTRA, evaluator.pos);
    }
    return value;
  }

  /** The place after what has been read, in characters from the start of the text. */
  public int position() {
    return pos;
  }

  /** Reads and evaluates one expression in the evaluator that the context prefers. */
  public long expression() {
    return context.isCxx() ? cxx() : masm();
  }

  /** Reads and evaluates one MASM expression. */
  long masm() {
    return binary(BinaryOperator.LOWEST);
  }

  /** Reads and evaluates one C++ expression. */
  private long cxx() {
    CxxEvaluator evaluator = new CxxEvaluator(text, pos, context);
    long value = evaluator.number(evaluator.expression());
    pos = evaluator.position();
    return value;
  }

  private long binary(int level) {
    long left = level == 1 ? unary() : binary(level - 1);
    while (true) {
      int before = pos;
      skipBlanks();
      BinaryOperator operator = BinaryOperator.at(text, pos);
      if (operator == null || operator.level() != level) {
        pos = before;
        return left;
      }
      lastToken = pos;
      pos += operator.length();
      long right = level == 1 ? unary() : binary(level - 1);
      if (operator.dividesBy(right)) {
        throw error(Kind.OPERAND, lastToken);
      }
      left = operator.apply(left, right);
    }
  }

  private long unary() {
    if (++depth > MAX_DEPTH) {
      throw error(Kind.SYNTAX, pos);
    }
    skipBlanks();
    lastToken = pos;
    long value;
    if (eat('-')) {
      value = -unary();
    } else if (eat('+')) {
      value = unary();
    } else {
      String word = word();
      UnaryOperator operator = UnaryOperator.named(word, context.arch().pointerSize());
      if (operator != null && operandFollows(pos + word.length())) {
        pos += word.length();
        long operand = unary();
        OptionalLong result = operator.apply(operand, context);
        if (result.isEmpty()) {
          throw error(Kind.MEMORY, lastToken);
        }
        value = result.getAsLong();
      } else {
        value = primary();
      }
    }
    depth--;
    return value;
  }

  /** A unary word such as {@code by} or {@code poi} is an operator only before an operand. */
  private boolean operandFollows(int from) {
    int i = from;
    while (i < text.length() && isBlank(text.charAt(i))) {
      i++;
    }
    return i < text.length()
        && (text.charAt(i) == '('
            || text.charAt(i) == '-'
            || i > from && isNameCharacter(text.charAt(i)));
  }

  private long primary() {
    if (pos >= text.length()) {
      throw error(Kind.SYNTAX, pos);
    }
    if (eat('(')) {
      long value = masm();
      skipBlanks();
      lastToken = pos;
      if (!eat(')')) {
        throw error(Kind.SYNTAX, pos);
      }
      return value;
    }
    char c = text.charAt(pos);
    if (c == '`') {
      return sourceLine();
    }
    if (text.startsWith("@!\"", pos)) {
      return quotedSymbol();
    }
    if (text.startsWith("@@", pos)) {
      return otherEvaluator();
    }
    if (c == '.' && !(pos + 1 < text.length() && isNameCharacter(text.charAt(pos + 1)))) {
      pos++;
      return pseudo("$ip", lastToken);
    }
    String word = word();
    if (word.isEmpty()) {
      throw error(Kind.SYNTAX, pos);
    }
    int start = pos;
    pos += word.length();
    if (word.startsWith("@")) {
      String name = word.substring(1);
      return name.startsWith("$") ? pseudo(name, start) : register(name, start);
    }
    if (word.startsWith("$")) {
      return pos < text.length() && text.charAt(pos) == '('
          ? new Functions(this, context).call(word)
          : pseudo(word, start);
    }
    return named(word, start);
  }

  /** A bare word: a common register, a number, a symbol, any other register, in that order. */
  private long named(String word, int start) {
    if (isCommonRegister(word)) {
      return register(word, start);
    }
    NumberText number = NumberText.parse(word, context.radix());
    if (number != null) {
      if (number.overflow()) {
        throw error(Kind.OVERFLOW, start);
      }
      return number.value(context.kernelMode());
    }
    OptionalLong symbol = context.symbol(word.startsWith("!") ? word.substring(1) : word);
    if (symbol.isPresent()) {
      return address(symbol.getAsLong());
    }
    OptionalLong register = context.register(word);
    if (register.isPresent()) {
      return extended(word, register.getAsLong());
    }
    if (Character.isDigit(word.charAt(0))) {
      int digits = NumberText.digitsOf(word, context.radix());
      throw error(Kind.EXTRA, start + digits);
    }
    throw error(Kind.RESOLVE, start);
  }

  private long register(String name, int start) {
    OptionalLong value = context.register(name);
    if (value.isEmpty()) {
      throw error(Kind.REGISTER, start);
    }
    return extended(name, value.getAsLong());
  }

  /** 32-bit registers are sign-extended always, all others never. */
  private long extended(String name, long value) {
    return RegisterNames.find(context.arch(), name).filter(p -> p.bits() == 32).isPresent()
        ? (int) value
        : value;
  }

  private boolean isCommonRegister(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp", "eip", "efl" -> true;
      default -> false;
    };
  }

  private long pseudo(String name, int start) {
    OptionalLong value = context.pseudoRegister(name.toLowerCase(Locale.ROOT));
    if (value.isEmpty()) {
      throw error(Kind.REGISTER, start);
    }
    return value.getAsLong();
  }

  private long quotedSymbol() {
    int close = text.indexOf('"', pos + 3);
    if (close < 0) {
      throw error(Kind.SYNTAX, pos);
    }
    String name = text.substring(pos + 3, close);
    int start = pos;
    pos = close + 1;
    OptionalLong symbol = context.symbol(name);
    if (symbol.isEmpty()) {
      throw error(Kind.RESOLVE, start);
    }
    return address(symbol.getAsLong());
  }

  /** Addresses of 32-bit targets are sign-extended, as all of kd's addresses are. */
  private long address(long value) {
    return context.arch().pointerSize() == 4 ? value << 32 >> 32 : value;
  }

  /** {@code @@masm(…)} is this evaluator, {@code @@c++(…)} and {@code @@(…)} the other one. */
  private long otherEvaluator() {
    boolean other = text.startsWith("@@(", pos) || text.startsWith("@@c++(", pos);
    if (!other && !text.startsWith("@@masm(", pos)) {
      throw error(Kind.SYNTAX, pos);
    }
    pos = text.indexOf('(', pos) + 1;
    long value = other ? cxx() : masm();
    skipBlanks();
    lastToken = pos;
    if (!eat(')')) {
      throw error(Kind.SYNTAX, pos);
    }
    return value;
  }

  /** {@code `[[module!]file][:line]`}: where the code of a source line begins. */
  private long sourceLine() {
    int start = pos;
    int close = text.indexOf('`', pos + 1);
    if (close < 0) {
      throw error(Kind.SYNTAX, pos);
    }
    String inside = text.substring(pos + 1, close);
    int bang = inside.indexOf('!');
    int colon = inside.lastIndexOf(':');
    OptionalLong address = OptionalLong.empty();
    String digits = inside.substring(colon + 1).strip();
    // The number of a line is decimal, whatever the radix.
    if (colon > bang && !digits.isEmpty() && digits.length() < 8 && isDecimal(digits)) {
      String module = bang < 0 ? "" : inside.substring(0, bang);
      String file = inside.substring(bang + 1, colon);
      address = context.line(module.strip(), file.strip(), Integer.parseInt(digits));
    }
    if (address.isEmpty()) {
      throw error(Kind.RESOLVE, start);
    }
    pos = close + 1;
    return address(address.getAsLong());
  }

  private static boolean isDecimal(String digits) {
    return digits.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** The run of name characters at the current place. */
  private String word() {
    int end = pos;
    while (end < text.length() && isNameCharacter(text.charAt(end))) {
      if (text.charAt(end) == '!' && end + 1 < text.length() && text.charAt(end + 1) == '=') {
        break; // the operator != after a word without blanks
      }
      end++;
    }
    return text.substring(pos, end);
  }

  private static boolean isNameCharacter(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "_$@?!:~`".indexOf(c) >= 0;
  }

  void skipBlanks() {
    while (pos < text.length() && isBlank(text.charAt(pos))) {
      pos++;
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  /** Takes a character if it is next. */
  boolean eat(char c) {
    if (pos < text.length() && text.charAt(pos) == c) {
      pos++;
      return true;
    }
    return false;
  }

  /** Takes a string in double quotes. */
  String string() {
    skipBlanks();
    int close = pos < text.length() && text.charAt(pos) == '"' ? text.indexOf('"', pos + 1) : -1;
    if (close < 0) {
      throw error(Kind.SYNTAX, pos);
    }
    String value = text.substring(pos + 1, close);
    pos = close + 1;
    return value;
  }

  ExpressionException error(Kind kind, int position) {
    return new ExpressionException(kind, text, position);
  }
}
