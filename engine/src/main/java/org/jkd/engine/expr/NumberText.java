// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import org.jspecify.annotations.Nullable;

/**
 * A number as it is written.
 *
 * @param bits the value
 * @param accent true if written with a grave accent, which keeps it from being sign-extended
 * @param overflow true if it does not fit 64 bits
 */
record NumberText(long bits, boolean accent, boolean overflow) {

  /** Reads a word as a number, or null if it is none in this radix. */
  static @Nullable NumberText parse(String word, int defaultRadix) {
    int radix = defaultRadix;
    String digits = word;
    if (word.length() >= 2 && word.charAt(0) == '0') {
      int prefixed =
          switch (word.charAt(1)) {
            case 'x', 'X' -> 16;
            case 'n', 'N' -> 10;
            case 't', 'T' -> 8;
            case 'y', 'Y' -> 2;
            default -> 0;
          };
      if (prefixed != 0) {
        radix = prefixed;
        digits = word.substring(2);
        if (digits.isEmpty()) {
          return new NumberText(0, false, false);
        }
      }
    }
    char last = digits.charAt(digits.length() - 1);
    if (digits.length() > 1 && digits.length() == word.length() && (last == 'h' || last == 'H')) {
      radix = 16;
      digits = digits.substring(0, digits.length() - 1);
    }
    return digits(digits, radix);
  }

  private static @Nullable NumberText digits(String digits, int radix) {
    long value = 0;
    boolean accent = false;
    boolean overflow = false;
    boolean any = false;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c == '`') {
        accent = true;
        continue;
      }
      int digit = c < 128 ? Character.digit(c, radix) : -1;
      if (digit < 0) {
        return null;
      }
      any = true;
      overflow |= Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, radix)) > 0;
      value = value * radix + digit;
    }
    return any ? new NumberText(value, accent, overflow) : null;
  }

  /** How many leading characters of a word can belong to a number. */
  static int digitsOf(String word, int radix) {
    int end = word.length();
    while (end > 0 && parse(word.substring(0, end), radix) == null) {
      end--;
    }
    return end;
  }

  /** The value; 0x80000000 to 0xffffffff are sign-extended in kernel mode unless accented. */
  long value(boolean kernelMode) {
    return kernelMode && !accent && bits >>> 31 == 1 ? (int) bits : bits;
  }
}
