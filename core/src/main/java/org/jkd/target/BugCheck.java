// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.List;

/**
 * Why the system stopped.
 *
 * @param code as the header has it; small dumps may add the bit 0x10000000
 * @param parameters four; on 32-bit systems zero-extended
 */
public record BugCheck(long code, List<Long> parameters) {
  private static final long SMALL_DUMP_BIT = 0x1000_0000L;

  public BugCheck {
    parameters = List.copyOf(parameters);
  }

  /** The code by which the bug check is known, without the bit of small dumps. */
  public long plainCode() {
    return code & ~SMALL_DUMP_BIT;
  }

  /** A parameter, 1 to 4. */
  public long parameter(int number) {
    return parameters.get(number - 1);
  }
}
