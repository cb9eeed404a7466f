// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.cpu.FloatRegisters;
import org.jkd.cpu.FloatRegisters.Extended;
import org.jkd.cpu.FloatRegisters.Place;
import org.jkd.cpu.FloatRegisters.Vector;
import org.jkd.engine.render.CFloat;
import org.jkd.engine.render.Hex;

/** The floating-point and vector registers as lines: {@code rF}, {@code rX}, {@code r st0}. */
final class FloatText {
  private static final int BIAS = 16383;
  private static final int FRACTION_BITS = 63;
  private static final int DIGITS = 22;

  private FloatText() {}

  /** {@code rF}: the control registers, then st0 to st7, two on a line. */
  static List<String> floats(FloatRegisters f) {
    List<String> lines = new ArrayList<>();
    lines.add("fpcw=" + control(f) + "  fpsw=" + status(f) + "  fptw=" + hex4(f.tagWord()));
    lines.add(
        "fopcode="
            + hex4(f.opcode())
            + "  fpip="
            + place(f.instruction())
            + "  fpdp="
            + place(f.data()));
    for (int i = 0; i < f.stack().size(); i += 2) {
      lines.add(stack(f, i) + "  " + stack(f, i + 1));
    }
    return lines;
  }

  /** {@code rX}: each vector as four floats, the highest first. */
  static List<String> vectors(FloatRegisters f) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < f.vectors().size(); i++) {
      lines.add("xmm" + i + "=" + singles(f.vectors().get(i)));
    }
    return lines;
  }

  /** {@code rM 10}: the MMX registers, which are the fractions of the floating-point stack. */
  static List<String> mmx(FloatRegisters f) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < f.stack().size(); i += 2) {
      lines.add(mmx(f, i) + "  " + mmx(f, i + 1));
    }
    return lines;
  }

  /** One register by its name; empty if there is none of that name. */
  static Optional<String> one(FloatRegisters f, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return switch (lower) {
      case "fpcw" -> Optional.of("fpcw=" + hex4(f.controlWord()));
      case "fpsw" -> Optional.of("fpsw=" + hex4(f.statusWord()));
      case "fptw" -> Optional.of("fptw=" + hex4(f.tagWord()));
      case "mxcsr" -> Optional.of("mxcsr=" + Hex.pad(f.mxcsr(), 8));
      default -> {
        int number = number(lower);
        if (lower.startsWith("st") && number >= 0 && number < f.stack().size()) {
          yield Optional.of(stack(f, number));
        }
        if (lower.startsWith("mm") && number >= 0 && number < f.stack().size()) {
          yield Optional.of(mmx(f, number));
        }
        yield lower.startsWith("xmm") && number >= 0 && number < f.vectors().size()
            ? Optional.of("xmm" + number + "=" + singles(f.vectors().get(number)))
            : Optional.empty();
      }
    };
  }

  /** True for the name of a register that this class knows, whether a context holds it or not. */
  static boolean isName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    int number = number(lower);
    return List.of("fpcw", "fpsw", "fptw", "mxcsr").contains(lower)
        || (lower.startsWith("st") || lower.startsWith("mm")) && number >= 0 && number < 8
        || lower.startsWith("xmm") && number >= 0 && number < 16;
  }

  /** The bits of a vector register, the highest half first; empty for other names. */
  static Optional<Vector> vector(FloatRegisters f, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    int number = number(lower);
    return lower.startsWith("xmm") && number >= 0 && number < f.vectors().size()
        ? Optional.of(f.vectors().get(number))
        : Optional.empty();
  }

  private static int number(String name) {
    int letters = name.startsWith("xmm") ? 3 : 2;
    String digits = name.length() > letters ? name.substring(letters) : "";
    boolean plain = !digits.isEmpty() && digits.length() < 3 && !digits.startsWith("00");
    return plain && digits.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Integer.parseInt(digits)
        : -1;
  }

  private static String control(FloatRegisters f) {
    String rounding = List.of("rn", "rd", "ru", "rz").get(f.controlWord() >>> 10 & 3);
    String precision = List.of("24", "**", "53", "64").get(f.controlWord() >>> 8 & 3);
    return hex4(f.controlWord())
        + ": "
        + rounding
        + " "
        + precision
        + " "
        + letters("puozdi", f.controlWord() & 0x3f);
  }

  private static String status(FloatRegisters f) {
    int s = f.statusWord();
    int conditions = s >>> 14 & 1;
    String cc = "" + conditions + (s >>> 10 & 1) + (s >>> 9 & 1) + (s >>> 8 & 1);
    return hex4(s) + ": top=" + (s >>> 11 & 7) + " cc=" + cc + " " + letters("ebpuozdi", s & 0xff);
  }

  /** One letter per bit, the highest first; a dash where the bit is clear. */
  private static String letters(String letters, int bits) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < letters.length(); i++) {
      boolean set = (bits >>> letters.length() - 1 - i & 1) != 0;
      text.append(set ? letters.charAt(i) : '-');
    }
    return text.toString();
  }

  private static String place(Place place) {
    return Hex.pad(place.selector(), 4) + ":" + Hex.pad(place.offset(), 8);
  }

  private static String stack(FloatRegisters f, int index) {
    return "st" + index + "=" + decimal(f.stack().get(index));
  }

  private static String mmx(FloatRegisters f, int index) {
    return "mm" + index + "=" + Hex.pad(f.stack().get(index).mantissa(), 16);
  }

  private static String singles(Vector vector) {
    StringBuilder text = new StringBuilder();
    for (int i = 3; i >= 0; i--) {
      text.append(CFloat.shortest(vector.single(i))).append(i > 0 ? " " : "");
    }
    return text.toString();
  }

  private static String hex4(int value) {
    return Hex.pad(value, 4).toUpperCase(Locale.ROOT);
  }

  /** An 80-bit number with 22 digits and an exponent of four: {@code 1.5...e+0000}. */
  static String decimal(Extended value) {
    boolean negative = (value.head() & 0x8000) != 0;
    int exponent = value.head() & 0x7fff;
    String sign = negative ? "-" : " ";
    if (exponent == 0x7fff) {
      return sign + (value.mantissa() << 1 == 0 ? "Inf" : "NaN");
    }
    BigInteger mantissa = new BigInteger(Long.toUnsignedString(value.mantissa()));
    if (mantissa.signum() == 0) {
      return sign + "0." + "0".repeat(DIGITS - 1) + "e+0000";
    }
    int power = Math.max(exponent, 1) - BIAS - FRACTION_BITS;
    MathContext exact = new MathContext(DIGITS + 20, RoundingMode.HALF_EVEN);
    BigDecimal number = new BigDecimal(mantissa);
    BigDecimal scale = BigDecimal.TWO.pow(Math.abs(power), exact);
    BigDecimal result = power < 0 ? number.divide(scale, exact) : number.multiply(scale, exact);
    BigDecimal rounded = result.round(new MathContext(DIGITS, RoundingMode.HALF_EVEN));
    int tens = rounded.precision() - rounded.scale() - 1;
    String digits = rounded.unscaledValue().toString();
    String padded = digits + "0".repeat(DIGITS - digits.length());
    String tail = Integer.toString(Math.abs(tens));
    return sign
        + padded.charAt(0)
        + "."
        + padded.substring(1)
        + (tens < 0 ? "e-" : "e+")
        + "0".repeat(4 - tail.length())
        + tail;
  }
}
