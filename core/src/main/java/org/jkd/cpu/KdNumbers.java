// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/** Numbers and addresses in kd's notation. */
public final class KdNumbers {
  private static final char[] LOWER = "0123456789abcdef".toCharArray();
  private static final char[] UPPER = "0123456789ABCDEF".toCharArray();

  private KdNumbers() {}

  /**
   * A number inside an instruction: {@code 8}, {@code 10h}, {@code 0FFFFFD70h}. The value is taken
   * as unsigned.
   */
  public static void immediate(StringBuilder out, long value) {
    if (value >= 0 && value < 10) {
      out.append((char) ('0' + value));
      return;
    }
    int digits = (67 - Long.numberOfLeadingZeros(value)) / 4;
    if ((value >>> 4 * (digits - 1) & 15) > 9) {
      out.append('0');
    }
    hex(out, value, digits, UPPER);
    out.append('h');
  }

  /** An address: {@code 8081df20} or {@code fffff800`12345678}. */
  public static void address(StringBuilder out, long address, boolean is64) {
    if (is64) {
      hex(out, address >>> 32, 8, LOWER);
      out.append('`');
    }
    hex(out, address, 8, LOWER);
  }

  /** A number with all its digits, in lower case, without marks. */
  public static void digits(StringBuilder out, long value, int digits) {
    hex(out, value, digits, LOWER);
  }

  /** A padded number that ends in h, as kd shows addresses inside an instruction. */
  static void padded(StringBuilder out, long value, int digits) {
    if ((value >>> 4 * (digits - 1) & 15) > 9) {
      out.append('0');
    }
    hex(out, value, digits, UPPER);
    out.append('h');
  }

  private static void hex(StringBuilder out, long value, int digits, char[] alphabet) {
    for (int i = digits - 1; i >= 0; i--) {
      out.append(alphabet[(int) (value >>> 4 * i) & 15]);
    }
  }
}
