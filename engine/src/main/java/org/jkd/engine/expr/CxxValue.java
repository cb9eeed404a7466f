// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.OptionalLong;

/**
 * A value of a C++ expression.
 *
 * @param place its address, if it lies in memory
 * @param bits its bits, if it does not; fractions as those of a {@code double}
 */
public record CxxValue(CxxType type, OptionalLong place, long bits) {
  /** A value that is computed. */
  public static CxxValue of(CxxType type, long bits) {
    return new CxxValue(type, OptionalLong.empty(), bits);
  }

  /** What lies at an address. */
  public static CxxValue at(CxxType type, long address) {
    return new CxxValue(type, OptionalLong.of(address), 0);
  }
}
