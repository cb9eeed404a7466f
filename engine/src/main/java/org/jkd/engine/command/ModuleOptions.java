// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.OptionalLong;
import org.jkd.engine.expr.Evaluator;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.expr.NamePattern;
import org.jspecify.annotations.Nullable;

/**
 * What follows {@code lm}: letters that run together or stand apart, {@code m Pattern}, {@code M
 * Pattern} and {@code a Address}. {@code lmvmnt}, {@code lm kv m hog*} and {@code lm1m} are all
 * alike.
 */
final class ModuleOptions {
  private final String text;
  private int pos;

  boolean verbose;
  boolean namesOnly;
  boolean sortByName;
  boolean loadedSymbolsOnly;
  boolean loadedOnly;
  boolean userOnly;
  boolean problemsOnly;
  char column = ' ';
  @Nullable NamePattern pattern;
  @Nullable NamePattern pathPattern;
  OptionalLong address = OptionalLong.empty();

  ModuleOptions(String text, Session session) {
    this.text = text;
    this.pos = 2;
    while (skipBlanks()) {
      option(session);
    }
  }

  private void option(Session session) {
    if (text.startsWith("sm", pos)) {
      sortByName = true;
      pos += 2;
      return;
    }
    if (text.startsWith("1m", pos)) {
      namesOnly = true;
      pos += 2;
      return;
    }
    char c = text.charAt(pos++);
    switch (c) {
      case 'v' -> verbose = true;
      case 'l' -> loadedSymbolsOnly = true;
      case 'o' -> loadedOnly = true;
      case 'u' -> userOnly = true;
      case 'e' -> problemsOnly = true;
      case 'k', 'c', 'D' -> {
        // Kernel modules are all there are; checksums and markup change no text.
      }
      case 'i', 'p', 'f', 'n', 't' -> column = c;
      case 'm' -> pattern = new NamePattern(word());
      case 'M' -> pathPattern = new NamePattern(word());
      case 'a' -> {
        Evaluator evaluator = new Evaluator(text, pos, session);
        address = OptionalLong.of(session.arch().address(evaluator.expression()));
        pos = evaluator.position();
      }
      default -> throw new ExpressionException(Kind.SYNTAX, text, pos - 1);
    }
  }

  private String word() {
    if (!skipBlanks()) {
      throw new ExpressionException(Kind.SYNTAX, text, text.length());
    }
    int start = pos;
    while (pos < text.length() && text.charAt(pos) != ' ' && text.charAt(pos) != '\t') {
      pos++;
    }
    return text.substring(start, pos);
  }

  private boolean skipBlanks() {
    while (pos < text.length() && (text.charAt(pos) == ' ' || text.charAt(pos) == '\t')) {
      pos++;
    }
    return pos < text.length();
  }
}
