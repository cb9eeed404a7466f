// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Locale;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;
import org.jspecify.annotations.Nullable;

/** The formats of {@code .printf}: those of C and kd's own. */
final class PrintfFormat {
  /** A field is never made wider than this. */
  private static final int MAX_WIDTH = 0x1000;

  private final Session session;
  private final List<Value> values;
  private int next;

  /** An argument: a text in quotes, or a number. */
  record Value(@Nullable String text, long number) {}

  PrintfFormat(Session session, List<Value> values) {
    this.session = session;
    this.values = values;
  }

  /** What stands between the percent sign and the letter. */
  private record Field(String flags, int width, int precision, String size) {
    boolean has(char flag) {
      return flags.indexOf(flag) >= 0;
    }
  }

  /** The format with its escapes and arguments put in. */
  String apply(String format) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i);
      if (c == '\\' && i + 1 < format.length()) {
        out.append(escape(format.charAt(i + 1)));
        i += 2;
      } else if (c == '%') {
        i = field(format, i + 1, out);
      } else {
        out.append(c);
        i++;
      }
    }
    return out.toString();
  }

  private static String escape(char c) {
    return switch (c) {
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'r' -> "\r";
      default -> String.valueOf(c);
    };
  }

  /** Formats one field that starts behind its percent sign; gives back the place behind it. */
  private int field(String format, int from, StringBuilder out) {
    int i = from;
    while (i < format.length() && "-+ #0".indexOf(format.charAt(i)) >= 0) {
      i++;
    }
    String flags = format.substring(from, i);
    int width = 0;
    int precision = -1;
    if (i < format.length() && format.charAt(i) == '*') {
      width = Math.clamp(number(), -MAX_WIDTH, MAX_WIDTH);
      flags = width < 0 ? flags + "-" : flags;
      width = Math.abs(width);
      i++;
    }
    while (i < format.length() && Character.isDigit(format.charAt(i))) {
      width = Math.min(MAX_WIDTH, width * 10 + format.charAt(i++) - '0');
    }
    if (i < format.length() && format.charAt(i) == '.') {
      i++;
      precision = 0;
      if (i < format.length() && format.charAt(i) == '*') {
        precision = Math.clamp(number(), -1, MAX_WIDTH);
        i++;
      }
      while (i < format.length() && Character.isDigit(format.charAt(i))) {
        precision = Math.min(MAX_WIDTH, precision * 10 + format.charAt(i++) - '0');
      }
    }
    for (String form : FORMS) {
      if (format.startsWith(form, i)) {
        int letter = form.length() - 1;
        boolean own = form.startsWith("m") || form.endsWith("y");
        Field field = new Field(flags, width, precision, own ? form : form.substring(0, letter));
        out.append(padded(value(form.charAt(letter), field), field));
        return i + form.length();
      }
    }
    throw new CommandException(
        "The format '%" + format.substring(Math.min(from, format.length())) + "' is not known");
  }

  /** Sizes with letters, longest first. */
  private static final List<String> FORMS =
      List.of(
          "msa", "msu", "ma", "mu", "ly", "y", "I64d", "I64i", "I64u", "I64x", "I64X", "I64o",
          "I32d", "I32i", "I32u", "I32x", "I32X", "I32o", "lld", "lli", "llu", "llx", "llX", "llo",
          "ld", "li", "lu", "lx", "lX", "lo", "hd", "hi", "hu", "hx", "hX", "ho", "d", "i", "u",
          "x", "X", "o", "p", "N", "I", "ls", "hs", "ws", "s", "S", "lc", "hc", "c", "C", "%");

  private String value(char letter, Field field) {
    return switch (field.size()) {
      case "ma" -> cut(TargetText.string(session, number(), 1), field);
      case "mu" -> cut(TargetText.string(session, number(), 2), field);
      case "msa" -> cut(TargetText.counted(session, number(), 1), field);
      case "msu" -> cut(TargetText.counted(session, number(), 2), field);
      case "y" -> symbol(number());
      case "ly" -> withLine(number());
      default -> plain(letter, field);
    };
  }

  private String plain(char letter, Field field) {
    return switch (letter) {
      case 'd', 'i' -> signed(cutNumber(number(), field, true), field);
      case 'u' -> digits(Long.toUnsignedString(cutNumber(number(), field, false)), "", field);
      case 'x' -> hex(cutNumber(number(), field, false), field);
      case 'X' -> hex(cutNumber(number(), field, false), field).toUpperCase(Locale.ROOT);
      case 'o' -> digits(Long.toOctalString(cutNumber(number(), field, false)), "0", field);
      case 'p' -> Hex.plain(session.arch(), number());
      case 'N', 'I' -> Hex.pad(number(), 16);
      case 'c', 'C' -> String.valueOf((char) number());
      case 's', 'S' -> cut(string(field.size().equals("l") || letter == 'S' ? 2 : 1), field);
      default -> "%";
    };
  }

  private long number() {
    Value value = take();
    if (value.text() != null) {
      throw new CommandException("'" + value.text() + "' stands where a number is needed");
    }
    return value.number();
  }

  private Value take() {
    if (next >= values.size()) {
      throw new CommandException("The format has more fields than there are arguments");
    }
    return values.get(next++);
  }

  /** A text in quotes, or the string at an address. */
  private String string(int unit) {
    Value value = take();
    return value.text() != null ? value.text() : TargetText.string(session, value.number(), unit);
  }

  /** Numbers have 32 bits unless the format says more. */
  private static long cutNumber(long value, Field field, boolean signed) {
    return switch (field.size()) {
      case "I64", "ll" -> value;
      case "h" -> signed ? (short) value : value & 0xffff;
      default -> signed ? (int) value : value & 0xffff_ffffL;
    };
  }

  private static String signed(long value, Field field) {
    String number = digits(Long.toString(value).replace("-", ""), "", field);
    String sign = value < 0 ? "-" : field.has('+') ? "+" : field.has(' ') ? " " : "";
    return sign + number;
  }

  private static String hex(long value, Field field) {
    String digits = digits(Long.toHexString(value), "", field);
    return field.has('#') && value != 0 ? "0x" + digits : digits;
  }

  private static String digits(String digits, String prefix, Field field) {
    String longer =
        digits.length() < field.precision
            ? "0".repeat(field.precision - digits.length()) + digits
            : digits;
    return field.has('#') && !longer.startsWith("0") ? prefix + longer : longer;
  }

  private static String cut(String text, Field field) {
    return field.precision >= 0 && field.precision < text.length()
        ? text.substring(0, field.precision)
        : text;
  }

  private static String padded(String text, Field field) {
    if (field.has('-')) {
      return Text.left(text, field.width);
    }
    boolean isNumber = !text.isEmpty() && field.has('0') && field.precision < 0;
    if (isNumber && text.length() < field.width) {
      int sign = "+- ".indexOf(text.charAt(0)) >= 0 ? 1 : text.startsWith("0x") ? 2 : 0;
      String zeros = "0".repeat(field.width - text.length());
      return text.substring(0, sign) + zeros + text.substring(sign);
    }
    return Text.right(text, field.width);
  }

  /** The symbol and, if it is known, the line of its source. */
  private String withLine(long number) {
    long address = session.arch().address(number);
    String line =
        session
            .debuggee()
            .symbols()
            .moduleAt(address)
            .flatMap(m -> session.debuggee().symbols().symbols(m).line(address - m.base()))
            .map(l -> " [" + l.text() + "]")
            .orElse("");
    return symbol(number) + line;
  }

  /** {@code module!symbol+0x12}, or the address where there is no name. */
  private String symbol(long number) {
    long address = session.arch().address(number);
    return session.names().text(address).orElseGet(() -> Hex.address(session.arch(), address));
  }
}
