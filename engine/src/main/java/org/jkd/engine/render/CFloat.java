// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.render;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Fractions as the C run-time of old Windows prints {@code %g}: six digits, exponent of three. */
public final class CFloat {
  private CFloat() {}

  /** For instance {@code 6.36908e-022}, {@code 1}, {@code -0.5}. */
  public static String shortest(double value) {
    return general(value, 6);
  }

  /** {@code %.<digits>g}. */
  public static String general(double value, int digits) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Inf" : "-Inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent >= digits) {
      BigDecimal mantissa = rounded.scaleByPowerOfTen(-exponent);
      String sign = exponent < 0 ? "-" : "+";
      String number = Integer.toString(Math.abs(exponent));
      return plain(mantissa) + "e" + sign + "0".repeat(Math.max(0, 3 - number.length())) + number;
    }
    return plain(rounded);
  }

  private static String plain(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    return stripped.scale() < 0
        ? stripped.setScale(0, RoundingMode.UNNECESSARY).toPlainString()
        : stripped.toPlainString();
  }
}
