// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.jkd.cpu.FloatRegisters.Extended;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers of 80 bits in decimal; the expected digits are those of the constants themselves. */
class FloatTextTest {
  @ParameterizedTest
  @CsvSource({
    "3fff, 8000000000000000, ' 1.000000000000000000000e+0000'",
    "bfff, 8000000000000000, '-1.000000000000000000000e+0000'",
    "4000, c90fdaa22168c235, ' 3.141592653589793238513e+0000'",
    "3ffd, 9a209a84fbcff799, ' 3.010299956639811952256e-0001'",
    "0000, 0000000000000000, ' 0.000000000000000000000e+0000'",
    "7ffe, ffffffffffffffff, ' 1.189731495357231765021e+4932'",
    "0000, 0000000000000001, ' 3.645199531882474602528e-4951'",
    "7fff, 8000000000000000, ' Inf'",
    "ffff, c000000000000000, '-NaN'",
  })
  void inDecimal(String head, String mantissa, String text) {
    Extended value = new Extended(Integer.parseInt(head, 16), Long.parseUnsignedLong(mantissa, 16));
    assertThat(FloatText.decimal(value)).isEqualTo(text);
  }
}
