// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.List;

/**
 * An exception as the system recorded it.
 *
 * @param code the exception code, unsigned 32 bits
 * @param flags EXCEPTION_NONCONTINUABLE and others
 * @param record the address of a nested record, or 0
 * @param address the instruction
 * @param parameters its 0 to 15 parameters
 */
public record ExceptionRecord(
    long code, long flags, long record, long address, List<Long> parameters) {
  /** The most parameters that a record has room for. */
  public static final int MAX_PARAMETERS = 15;

  public ExceptionRecord {
    parameters = List.copyOf(parameters);
  }
}
