// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.OptionalLong;

/** What pseudo-registers keep from one command to the next. */
final class KeptNumbers {
  private static final int USER_PSEUDO_REGISTERS = 20;

  private final long[] userRegisters = new long[USER_PSEUDO_REGISTERS];
  private long lastExpression;
  private long lastShown;
  private long extensionResult;

  /** The value of {@code $t0} to {@code $t19}; empty if the name is none of them. */
  OptionalLong value(String name) {
    int number = userRegisterNumber(name);
    return number >= 0 ? OptionalLong.of(userRegisters[number]) : OptionalLong.empty();
  }

  /** Sets {@code $t0} to {@code $t19}; false if the name is none of them. */
  boolean setUserRegister(String name, long value) {
    int number = userRegisterNumber(name);
    if (number >= 0) {
      userRegisters[number] = value;
    }
    return number >= 0;
  }

  private static int userRegisterNumber(String name) {
    if (!name.startsWith("$t") || name.length() < 3 || name.length() > 4) {
      return -1;
    }
    for (int i = 2; i < name.length(); i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return -1;
      }
    }
    int number = Integer.parseInt(name.substring(2));
    return number < USER_PSEUDO_REGISTERS ? number : -1;
  }

  /** The value of the last {@code ?}. */
  long lastExpression() {
    return lastExpression;
  }

  /** Keeps the value of the last {@code ?} for {@code $exp}. */
  void setLastExpression(long value) {
    lastExpression = value;
  }

  /** The last value that a display of memory showed. */
  long lastShown() {
    return lastShown;
  }

  /** Keeps the last value that a display of memory showed for {@code $p}. */
  void setLastShown(long value) {
    lastShown = value;
  }

  /** The address of the element that {@code !list} has reached. */
  long extensionResult() {
    return extensionResult;
  }

  /** Keeps the address of the element that {@code !list} has reached for {@code $extret}. */
  void setExtensionResult(long value) {
    extensionResult = value;
  }
}
