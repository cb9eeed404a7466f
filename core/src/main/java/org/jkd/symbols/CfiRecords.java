// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.Optional;

/**
 * Unwind rules in the language of Breakpad's STACK CFI records: {@code name: expression} pairs in
 * postfix notation, with {@code .cfa} for the canonical frame address (the stack pointer after the
 * return) and {@code .ra} for the return address.
 */
public interface CfiRecords {
  /** No records. */
  CfiRecords NONE = rva -> Optional.empty();

  /**
   * All rules that hold at an address, those of later records last: of two rules for one name the
   * last counts.
   */
  Optional<String> rules(long rva);
}
