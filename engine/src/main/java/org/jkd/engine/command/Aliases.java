// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The words that stand for other texts: {@code as}, {@code $u0} to {@code $u9} and the variables of
 * {@code .foreach}.
 *
 * <p>A name counts where it stands alone, between blanks, semicolons, braces or the ends of the
 * line; in {@code ${name}} it counts anywhere. What it stands for is not looked at again.
 */
final class Aliases {
  /** No text may grow longer than this, whatever aliases say. */
  private static final int MAX_LENGTH = 1 << 20;

  private static final int FIXED_NAMES = 10;

  private final Map<String, String> values = new LinkedHashMap<>();
  private final String[] fixed = new String[FIXED_NAMES];

  /** All user-named aliases in the order of their definition. */
  Map<String, String> all() {
    return Collections.unmodifiableMap(values);
  }

  @Nullable String get(String name) {
    return values.get(name);
  }

  void put(String name, String value) {
    if (value.length() > MAX_LENGTH) {
      throw new CommandException(
          "The alias '" + name + "' would be longer than a million characters");
    }
    values.put(name, value);
  }

  /** Puts back what a name stood for before; null for nothing. */
  void restore(String name, @Nullable String value) {
    if (value == null) {
      values.remove(name);
    } else {
      values.put(name, value);
    }
  }

  boolean remove(String name) {
    return values.remove(name) != null;
  }

  void clear() {
    values.clear();
  }

  /** Sets {@code $u0} to {@code $u9}. */
  void setFixed(int number, String value) {
    fixed[number] = value;
  }

  /** A line with its aliases replaced. */
  String expand(String line) {
    if (values.isEmpty() && line.indexOf('$') < 0) {
      return line;
    }
    boolean definition = isDefinition(line);
    StringBuilder out = new StringBuilder();
    int depth = 0;
    int i = 0;
    while (i < line.length()) {
      char c = line.charAt(i);
      if (line.startsWith("${", i)) {
        int close = line.indexOf('}', i);
        if (close > 0) {
          out.append(braced(line.substring(i + 2, close), line.substring(i, close + 1), depth));
          i = close + 1;
          checkLength(out);
          continue;
        }
      }
      if (c == '$' && line.startsWith("$u", i) && i + 2 < line.length()) {
        int number = line.charAt(i + 2) - '0';
        if (number >= 0 && number < FIXED_NAMES && fixed[number] != null) {
          out.append(fixed[number]);
          i += 3;
          checkLength(out);
          continue;
        }
      }
      boolean startsWord = i == 0 || isBoundary(line.charAt(i - 1));
      if (startsWord && !isBoundary(c) && !definition) {
        int end = i;
        while (end < line.length() && !isBoundary(line.charAt(end))) {
          end++;
        }
        String value = values.get(line.substring(i, end));
        if (value != null) {
          out.append(value);
          i = end;
          checkLength(out);
          continue;
        }
      }
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      out.append(c);
      i++;
    }
    return out.toString();
  }

  private static void checkLength(StringBuilder out) {
    if (out.length() > MAX_LENGTH) {
      throw new CommandException("With its aliases replaced, the line is too long");
    }
  }

  /** The words after {@code as}, {@code ad} and {@code al} are names, not what they stand for. */
  private static boolean isDefinition(String line) {
    String start = line.stripLeading();
    return start.length() > 2
        && start.charAt(0) == 'a'
        && "sSdl".indexOf(start.charAt(1)) >= 0
        && isBoundary(start.charAt(2));
  }

  /**
   * The replacement of {@code ${name}}. {@code /v} keeps it for the command that wants the name;
   * tests of names that are not defined yet wait until the block around them is run.
   */
  private String braced(String inside, String whole, int depth) {
    if (inside.startsWith("/v:")) {
      return whole;
    }
    boolean option = inside.length() > 3 && inside.charAt(0) == '/' && inside.charAt(2) == ':';
    String name = option ? inside.substring(3) : inside;
    String value = values.get(name);
    char kind = option ? inside.charAt(1) : 0;
    if (value == null) {
      return switch (kind) {
        case 'd' -> depth > 0 ? whole : "0";
        case 'f' -> depth > 0 ? whole : "";
        default -> whole;
      };
    }
    return switch (kind) {
      case 'd' -> "1";
      case 'n' -> name;
      default -> value;
    };
  }

  /** The name in {@code ${/v:name}} or {@code ${name}}, or the text itself. */
  static String nameIn(String text) {
    if (text.startsWith("${") && text.endsWith("}")) {
      String inside = text.substring(2, text.length() - 1);
      return inside.startsWith("/v:") || inside.startsWith("/n:") ? inside.substring(3) : inside;
    }
    return text;
  }

  private static boolean isBoundary(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';' || c == '{' || c == '}';
  }
}
