// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Rules of call frame information: for each register an expression over the registers of the frame
 * below, memory ({@code ^}) and {@code .cfa}.
 */
final class CfiProgram {
  private static final int MAX_TOKENS = 512;
  private final Map<String, String[]> rules;

  private CfiProgram(Map<String, String[]> rules) {
    this.rules = rules;
  }

  /**
   * Splits {@code name: expression name: expression …}; of two rules for a name the last counts.
   */
  static CfiProgram parse(String text) {
    Map<String, String[]> rules = new LinkedHashMap<>();
    String name = "";
    StringBuilder expression = new StringBuilder();
    for (String token : text.strip().split("\\s+", MAX_TOKENS)) {
      if (token.endsWith(":")) {
        put(rules, name, expression);
        name = token.substring(0, token.length() - 1);
        expression.setLength(0);
      } else {
        expression.append(token).append(' ');
      }
    }
    put(rules, name, expression);
    return new CfiProgram(rules);
  }

  private static void put(Map<String, String[]> rules, String name, StringBuilder expression) {
    if (!name.isEmpty()) {
      rules.put(name, expression.toString().strip().split(" ", -1));
    }
  }

  /** The names for which there are rules, for instance {@code .cfa} and {@code $rbp}. */
  Iterable<String> names() {
    return rules.keySet();
  }

  /**
   * The value of a rule.
   *
   * @param registers the value of {@code $name}, or of {@code .cfa}
   * @param size of a word in bytes
   * @return empty if there is no such rule or it cannot be evaluated
   */
  OptionalLong evaluate(
      String name, Function<String, OptionalLong> registers, StackWords words, int size) {
    String[] tokens = rules.get(name);
    if (tokens == null) {
      return OptionalLong.empty();
    }
    Deque<Long> stack = new ArrayDeque<>();
    for (String token : tokens) {
      OptionalLong value = value(token, stack, registers, words, size);
      if (value.isEmpty()) {
        return value;
      }
      stack.push(size == 4 ? value.getAsLong() & 0xffff_ffffL : value.getAsLong());
    }
    return stack.size() == 1 ? OptionalLong.of(stack.pop()) : OptionalLong.empty();
  }

  private static OptionalLong value(
      String token,
      Deque<Long> stack,
      Function<String, OptionalLong> registers,
      StackWords words,
      int size) {
    if (token.equals("^")) {
      if (stack.isEmpty() || !words.readable(stack.peek(), size)) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(words.number(stack.pop(), size));
    }
    if (token.length() == 1 && "+-*@".contains(token)) {
      if (stack.size() < 2) {
        return OptionalLong.empty();
      }
      long right = stack.pop();
      long left = stack.pop();
      return OptionalLong.of(
          switch (token) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            default -> left & -right;
          });
    }
    return token.matches("-?\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(token))
        : registers.apply(token);
  }
}
