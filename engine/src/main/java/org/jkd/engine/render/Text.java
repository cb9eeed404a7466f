// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.render;

/** Columns. */
public final class Text {
  private Text() {}

  /** Left-justified; a longer text stays whole and pushes what follows. */
  public static String left(String text, int width) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }

  /** Right-justified; a longer text stays whole. */
  public static String right(String text, int width) {
    return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
  }

  /** 32 hexadecimal digits as a GUID is written. */
  public static String guid(String digits) {
    return digits.substring(0, 8)
        + "-"
        + digits.substring(8, 12)
        + "-"
        + digits.substring(12, 16)
        + "-"
        + digits.substring(16, 20)
        + "-"
        + digits.substring(20);
  }
}
