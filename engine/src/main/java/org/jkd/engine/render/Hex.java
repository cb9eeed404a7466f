// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.render;

import org.jkd.cpu.Arch;

/** Numbers as kd writes them. All hexadecimal, lower case, no prefix unless said otherwise. */
public final class Hex {
  private static final char[] DIGITS = "0123456789abcdef".toCharArray();

  private Hex() {}

  /** {@code 8081df65}, or {@code fffff803`769d5929} on a 64-bit target. */
  public static String address(Arch arch, long value) {
    return arch.pointerSize() == 4 ? pad(value, 8) : accent(value);
  }

  /** {@code 8081df65}, or 16 digits without an accent on a 64-bit target. */
  public static String plain(Arch arch, long value) {
    return pad(value, arch.pointerSize() * 2);
  }

  /** {@code 0x8081df65}, or {@code 0xfffff801`b56d24aa}: an address that no module claims. */
  public static String prefixed(Arch arch, long value) {
    return "0x" + address(arch, value);
  }

  /** {@code hhhhhhhh`llllllll}. */
  public static String accent(long value) {
    return pad(value >>> 32, 8) + '`' + pad(value, 8);
  }

  /** The low {@code digits} digits, with leading zeros. */
  public static String pad(long value, int digits) {
    char[] text = new char[digits];
    long rest = value;
    for (int i = digits - 1; i >= 0; i--) {
      text[i] = DIGITS[(int) (rest & 15)];
      rest >>>= 4;
    }
    return new String(text);
  }

  /** Right-justified without leading zeros. */
  public static String right(long value, int width) {
    return Text.right(Long.toHexString(value), width);
  }
}
