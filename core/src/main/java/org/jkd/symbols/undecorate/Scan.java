// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.ArrayList;
import java.util.List;

/** A decorated text, the place in it, and what back-references at this place point to. */
final class Scan {
  /**
   * Types in types and names in names. The name of a real class nests a few dozen deep; a level
   * takes up to 3 KB of stack, of which small threads have 512.
   */
  static final int MAX_DEPTH = 160;

  /** Back-references are single digits. */
  private static final int MAX_REMEMBERED = 10;

  private static final int MAX_HEX_DIGITS = 16;

  private final String text;
  private int at;
  private int depth;
  private Remembered remembered = new Remembered();

  /** What back-references point to; every list of template arguments has its own. */
  static final class Remembered {
    private final List<String> keys = new ArrayList<>();
    private final List<Name> names = new ArrayList<>();
    private final List<Type> parameters = new ArrayList<>();
  }

  Scan(String text) {
    this.text = text;
  }

  int at() {
    return at;
  }

  String since(int start) {
    return text.substring(start, at);
  }

  boolean atEnd() {
    return at >= text.length();
  }

  /** The next character, or NUL at the end. */
  char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  boolean atDigit() {
    return peek() >= '0' && peek() <= '9';
  }

  boolean at(String prefix) {
    return text.startsWith(prefix, at);
  }

  char next() throws Unreadable {
    if (atEnd()) {
      throw unreadable("the name ends too early");
    }
    return text.charAt(at++);
  }

  /** Passes over a text if it stands here. */
  boolean skip(String prefix) {
    if (!at(prefix)) {
      return false;
    }
    at += prefix.length();
    return true;
  }

  void expect(String prefix) throws Unreadable {
    if (!skip(prefix)) {
      throw unreadable("expected " + prefix);
    }
  }

  /** The text up to a character, which is passed over. */
  String until(char end) throws Unreadable {
    int e = text.indexOf(end, at);
    if (e < 0) {
      throw unreadable("expected " + end);
    }
    String s = text.substring(at, e);
    at = e + 1;
    return s;
  }

  /** The same, which may not be empty. */
  String word() throws Unreadable {
    String s = until('@');
    if (s.isEmpty()) {
      throw unreadable("an empty name");
    }
    return s;
  }

  /** Looks ahead: true when a scope inside a function begins here, {@code ?1?} or {@code ?BA@?}. */
  boolean atLocalScope() {
    if (peek() != '?') {
      return false;
    }
    int end = text.indexOf('?', at + 1);
    if (end < 0 || end == at + 1) {
      return false;
    }
    char first = text.charAt(at + 1);
    if (end == at + 2) {
      return first == '@' || first >= '0' && first <= '9';
    }
    if (text.charAt(end - 1) != '@' || first < 'B' || first > 'P') {
      return false;
    }
    for (int i = at + 2; i < end - 1; i++) {
      if (text.charAt(i) < 'A' || text.charAt(i) > 'P') {
        return false;
      }
    }
    return true;
  }

  /** A number: a digit means one more than itself, otherwise digits from A to P up to an @. */
  Argument.Number number() throws Unreadable {
    boolean negative = skip("?");
    if (atDigit()) {
      return new Argument.Number(next() - '0' + 1, negative);
    }
    long value = 0;
    for (int digits = 0; ; digits++) {
      char c = next();
      if (c == '@') {
        return new Argument.Number(value, negative);
      }
      if (c < 'A' || c > 'P' || digits == MAX_HEX_DIGITS) {
        throw unreadable("not a number");
      }
      value = value << 4 | c - 'A';
    }
  }

  long unsigned() throws Unreadable {
    Argument.Number n = number();
    if (n.negative()) {
      throw unreadable("a number below zero");
    }
    return n.magnitude();
  }

  long signed() throws Unreadable {
    Argument.Number n = number();
    if (n.magnitude() < 0) {
      throw unreadable("a number beyond 63 bits");
    }
    return n.negative() ? -n.magnitude() : n.magnitude();
  }

  /** A number of which the low 32 bits count. */
  long displacement() throws Unreadable {
    return (int) signed();
  }

  Unreadable unreadable(String why) {
    return new Unreadable(why + " at " + at);
  }

  void enter() throws Unreadable {
    if (++depth > MAX_DEPTH) {
      throw unreadable("more than " + MAX_DEPTH + " levels");
    }
  }

  void leave() {
    depth--;
  }

  /** Makes room for what is remembered inside a template; the answer is to be given back. */
  Remembered fresh() {
    Remembered outer = remembered;
    remembered = new Remembered();
    return outer;
  }

  void back(Remembered outer) {
    remembered = outer;
  }

  /** Remembers a name unless it is known by its decorated text. */
  void remember(String decorated, Name name) {
    if (remembered.names.size() < MAX_REMEMBERED && !remembered.keys.contains(decorated)) {
      remembered.keys.add(decorated);
      remembered.names.add(name);
    }
  }

  /** Remembers the type of a parameter. */
  void remember(Type parameter) {
    if (remembered.parameters.size() < MAX_REMEMBERED) {
      remembered.parameters.add(parameter);
    }
  }

  Name nameAtDigit() throws Unreadable {
    return remembered(remembered.names);
  }

  Type parameterAtDigit() throws Unreadable {
    return remembered(remembered.parameters);
  }

  private <T> T remembered(List<T> list) throws Unreadable {
    int i = next() - '0';
    if (i >= list.size()) {
      throw unreadable("a reference to nothing");
    }
    return list.get(i);
  }
}
