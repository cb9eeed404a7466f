// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.Map;
import java.util.Optional;

/**
 * Whether a symbol file belongs to a module of which no GUID is known: addresses that the dump
 * gives by name must be those of the symbols.
 *
 * @param matches how many names have the address that the dump says
 * @param mismatches how many have another one
 */
record AddressProof(int matches, int mismatches) {
  /** Fewer equal addresses may be chance: a file of another build shares some. */
  private static final int ENOUGH = 3;

  static AddressProof of(ModuleSymbols symbols, long base, Map<String, Long> known) {
    int matches = 0;
    int mismatches = 0;
    for (Map.Entry<String, Long> k : known.entrySet()) {
      Optional<Symbol> s = symbols.named(k.getKey());
      if (s.isPresent()) {
        boolean equal = base + s.get().rva() == k.getValue();
        matches += equal ? 1 : 0;
        mismatches += equal ? 0 : 1;
      }
    }
    return new AddressProof(matches, mismatches);
  }

  boolean holds() {
    return matches >= ENOUGH && mismatches == 0;
  }

  String text() {
    return matches
        + " of "
        + (matches + mismatches)
        + " addresses of the dump are those of the file";
  }
}
