// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

/** Text within a page: whatever a dump or a file is called, it stays text. */
final class Html {
  private static final int REPLACEMENT = 0xfffd;

  private Html() {}

  /**
   * The text for use between tags and in quoted attributes. Characters that cannot be seen, turn
   * the direction of writing or are no characters become U+FFFD.
   */
  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> append(c, out));
    return out.toString();
  }

  private static void append(int c, StringBuilder out) {
    switch (c) {
      case '<' -> out.append("&lt;");
      case '>' -> out.append("&gt;");
      case '&' -> out.append("&amp;");
      case '"' -> out.append("&quot;");
      case '\'' -> out.append("&#39;");
      default -> out.appendCodePoint(isPlain(c) ? c : REPLACEMENT);
    }
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
