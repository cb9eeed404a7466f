// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.Locale;

/**
 * The wildcards of kd's string matching: {@code *} any characters, {@code ?} one, {@code [a-z]} one
 * of a set, {@code #} any number of the character or set before it. Case does not matter.
 *
 * <p>A pattern that a user types can make backtracking exponential; this matcher keeps the set of
 * reachable places instead, so its work is bounded by the product of the two lengths.
 */
public final class NamePattern {
  private final String pattern;

  public NamePattern(String pattern) {
    this.pattern = pattern.toLowerCase(Locale.ROOT);
  }

  /** True when the pattern holds no wildcard. */
  public boolean isLiteral() {
    for (int i = 0; i < pattern.length(); i++) {
      if ("*?[#".indexOf(pattern.charAt(i)) >= 0) {
        return false;
      }
    }
    return true;
  }

  /** True when the whole name matches. */
  public boolean matches(String name) {
    String text = name.toLowerCase(Locale.ROOT);
    boolean[] here = new boolean[text.length() + 1];
    here[0] = true;
    int p = 0;
    while (p < pattern.length()) {
      int next = elementEnd(p);
      if (pattern.charAt(p) == '*') {
        spread(here);
        p = next;
        continue;
      }
      boolean repeated = next < pattern.length() && pattern.charAt(next) == '#';
      here = repeated ? repeat(here, text, p, next) : step(here, text, p, next);
      p = repeated ? next + 1 : next;
    }
    return here[text.length()];
  }

  private static void spread(boolean[] here) {
    for (int i = 1; i < here.length; i++) {
      here[i] |= here[i - 1];
    }
  }

  private boolean[] step(boolean[] here, String text, int p, int end) {
    boolean[] there = new boolean[here.length];
    for (int i = 0; i < text.length(); i++) {
      there[i + 1] = here[i] && accepts(p, end, text.charAt(i));
    }
    return there;
  }

  private boolean[] repeat(boolean[] here, String text, int p, int end) {
    boolean[] there = here.clone();
    for (int i = 0; i < text.length(); i++) {
      there[i + 1] |= there[i] && accepts(p, end, text.charAt(i));
    }
    return there;
  }

  private int elementEnd(int p) {
    if (pattern.charAt(p) == '[') {
      int close = pattern.indexOf(']', p + 1);
      return close < 0 ? p + 1 : close + 1;
    }
    return p + 1;
  }

  private boolean accepts(int p, int end, char c) {
    char kind = pattern.charAt(p);
    if (kind == '?') {
      return true;
    }
    if (kind != '[' || end == p + 1) {
      return kind == c;
    }
    for (int i = p + 1; i < end - 1; i++) {
      if (i + 2 < end - 1 && pattern.charAt(i + 1) == '-') {
        if (c >= pattern.charAt(i) && c <= pattern.charAt(i + 2)) {
          return true;
        }
        i += 2;
      } else if (pattern.charAt(i) == c) {
        return true;
      }
    }
    return false;
  }
}
