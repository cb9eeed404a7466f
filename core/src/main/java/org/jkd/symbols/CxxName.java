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

  private final String text;
  private int at;
  private final List<String> seen = new ArrayList<>();

  private CxxName(String text) {
    this.text = text;
    this.at = 1;
  }

  static String undecorate(String decorated) {
    if (decorated.startsWith("??_C@")) {
      return "`string'";
    }
    String name = new CxxName(decorated).read();
    return name.isEmpty() ? decorated : name;
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
      if (text.startsWith("?A", at)) {
        int end = text.indexOf('@', at);
        at = end < 0 ? text.length() : end + 1;
        seen.add("`anonymous namespace'");
        return "`anonymous namespace'";
      }
      return "";
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
