// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Colours for a terminal, put on finished lines so that no command needs to know of them: names of
 * symbols, the trust of a frame, warnings, errors. The text itself never changes.
 */
final class Colours {
  private static final String RESET = "\033[0m";
  private static final String RED = "\033[31m";
  private static final String GREEN = "\033[32m";
  private static final String YELLOW = "\033[33m";
  private static final String CYAN = "\033[36m";
  private static final String DIM = "\033[2m";

  /** A row of {@code !stackrecon}: number, trust, and the rest. */
  private static final Pattern TRUST =
      Pattern.compile("^([0-9a-f]{2,4}  )(context|exact|unwind|link|recurrence|search)\\b");

  private static final Map<String, String> TRUST_COLOURS =
      Map.of(
          "context", GREEN,
          "exact", GREEN,
          "unwind", GREEN,
          "link", YELLOW,
          "recurrence", YELLOW,
          "search", RED);

  /** {@code module!symbol}, without the displacement. */
  private static final Pattern SYMBOL =
      Pattern.compile("\\b[A-Za-z_][\\w.]*![A-Za-z_?$@~][\\w:@?$~<>,`']*");

  private Colours() {}

  /** The line, which has no line end, with colours. */
  static String paint(String line) {
    if (line.startsWith("***") || line.startsWith("WARNING:")) {
      return YELLOW + line + RESET;
    }
    if (line.stripLeading().startsWith("^ ") || line.startsWith("Internal error")) {
      return RED + line + RESET;
    }
    if (line.equals("Interrupted")) {
      return DIM + line + RESET;
    }
    StringBuilder out = new StringBuilder();
    int from = 0;
    Matcher trust = TRUST.matcher(line);
    if (trust.find()) {
      String word = trust.group(2);
      out.append(trust.group(1)).append(TRUST_COLOURS.get(word)).append(word).append(RESET);
      from = trust.end();
    }
    Matcher symbol = SYMBOL.matcher(line);
    while (symbol.find(from)) {
      out.append(line, from, symbol.start()).append(CYAN).append(symbol.group()).append(RESET);
      from = symbol.end();
    }
    return out.append(line, from, line.length()).toString();
  }
}
