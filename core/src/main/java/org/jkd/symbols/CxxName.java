// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The scopes and the name of a C++ function or variable out of Microsoft's decorated form. Types,
 * templates and special names beyond constructors, destructors, operators and literals are not
 * taken apart; such a name is left as it is.
 */
final class CxxName {
  private static final int MAX_SCOPES = 32;

  private static final Map<Character, String> OPERATORS =
      Map.ofEntries(
          Map.entry('2', "operator new"),
          Map.entry('3', "operator delete"),
          Map.entry('4', "operator="),
          Map.entry('5', "operator>>"),
          Map.entry('6', "operator<<"),
          Map.entry('7', "operator!"),
          Map.entry('8', "operator=="),
          Map.entry('9', "operator!="),
          Map.entry('A', "operator[]"),
          Map.entry('C', "operator->"),
          Map.entry('D', "operator*"),
          Map.entry('E', "operator++"),
          Map.entry('F', "operator--"),
          Map.entry('G', "operator-"),
          Map.entry('H', "operator+"),
          Map.entry('I', "operator&"),
          Map.entry('M', "operator<"),
          Map.entry('N', "operator<="),
          Map.entry('O', "operator>"),
          Map.entry('P', "operator>="),
          Map.entry('R', "operator()"),
          Map.entry('Y', "operator+="),
          Map.entry('Z', "operator-="));

  private static final Map<Character, String> SPECIAL =
      Map.ofEntries(
          Map.entry('7', "`vftable'"),
          Map.entry('8', "`vbtable'"),
          Map.entry('E', "`vector deleting destructor'"),
          Map.entry('G', "`scalar deleting destructor'"),
          Map.entry('U', "operator new[]"),
          Map.entry('V', "operator delete[]"));

  private static final int MAX_DEPTH = 8;

  private final String text;
  private final int depth;
  private int at;
  private final List<String> seen = new ArrayList<>();

  private CxxName(String text, int depth) {
    this.text = text;
    this.depth = depth;
    this.at = 1;
  }

  static String undecorate(String decorated) {
    if (decorated.startsWith("??_C@")) {
      return string(decorated);
    }
    String name = new CxxName(decorated, 0).read();
    return name.isEmpty() ? decorated : name;
  }

  /**
   * A string literal. Of the literals of a link with code generation at link time kd shows the tag
   * of their compiland, as in {@code nt! ?? ::FNODOBFM::`string'}.
   */
  private static String string(String decorated) {
    String[] parts = decorated.split("@", -1);
    boolean tagged = parts.length == 5 && parts[3].matches("[A-Z]{8}");
    return tagged ? " ?? ::" + parts[3] + "::`string'" : "`string'";
  }

  /** The name, or nothing when it is of a form that is not understood. */
  private String read() {
    char kind = 0;
    String own = "";
    if (peek() == '?') {
      at++;
      kind = peek();
      at++;
      if (kind == '_') {
        own = SPECIAL.getOrDefault(peek(), "");
        at++;
      } else if (kind != '0' && kind != '1') {
        own = OPERATORS.getOrDefault(kind, "");
      }
      if (own.isEmpty() && kind != '0' && kind != '1') {
        return "";
      }
    } else {
      own = fragment();
      if (own.isEmpty()) {
        return "";
      }
    }
    List<String> scopes = new ArrayList<>();
    while (peek() != '@') {
      String scope = fragment();
      if (scope.isEmpty() || scopes.size() == MAX_SCOPES) {
        return "";
      }
      scopes.add(scope);
    }
    if (kind == '0' || kind == '1') {
      if (scopes.isEmpty()) {
        return "";
      }
      own = (kind == '1' ? "~" : "") + scopes.getFirst();
    }
    StringBuilder result = new StringBuilder();
    scopes.reversed().forEach(s -> result.append(s).append("::"));
    return result.append(own).toString();
  }

  /** A scope inside a function, {@code ?2??Function@@…Z@}: shown as {@code `Function'::`3'}. */
  private String localScope() {
    char digit = at + 1 < text.length() ? text.charAt(at + 1) : 0;
    if (digit < '0' || digit > '9' || !text.startsWith("??", at + 2) || depth == MAX_DEPTH) {
      return "";
    }
    CxxName inner = new CxxName(text.substring(at + 3), depth + 1);
    String function = inner.read();
    // Of the function's type only the end matters here; a C function has the type 9.
    int type = at + 3 + inner.at + 1;
    int end = text.startsWith("9@", type) ? type : text.indexOf("Z@", type);
    if (function.isEmpty() || end < 0) {
      return "";
    }
    at = end + 1;
    return "`" + function + "'::`" + (digit - '0' + 1) + "'";
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  /** A name up to its {@code @}, or one that stood before by its digit. */
  private String fragment() {
    char c = peek();
    if (c >= '0' && c <= '9') {
      at++;
      return c - '0' < seen.size() ? seen.get(c - '0') : "";
    }
    if (c == '?') {
      if (text.startsWith("?A0x", at)) {
        int end = text.indexOf('@', at);
        at = end < 0 ? text.length() : end + 1;
        seen.add("`anonymous namespace'");
        return "`anonymous namespace'";
      }
      return localScope();
    }
    int end = text.indexOf('@', at);
    if (end <= at) {
      return "";
    }
    String s = text.substring(at, end);
    at = end + 1;
    seen.add(s);
    return s;
  }
}
