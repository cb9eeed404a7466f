// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Questions to a list of symbols in ascending order of address, for sources of moderate size. */
public final class SortedSymbols {
  private SortedSymbols() {}

  /** A copy in ascending order; symbols at one address keep their order. */
  public static List<Symbol> sorted(List<Symbol> symbols) {
    return symbols.stream().sorted(Comparator.comparingLong(Symbol::rva)).toList();
  }

  /** The first place whose symbol lies above an address. */
  private static int above(List<Symbol> sorted, long rva) {
    int low = 0;
    int high = sorted.size();
    while (low < high) {
      int mid = (low + high) >>> 1;
      if (sorted.get(mid).rva() <= rva) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    return low;
  }

  /** The first symbol at the highest address at or below one. */
  public static Optional<Symbol> nearest(List<Symbol> sorted, long rva) {
    int i = above(sorted, rva) - 1;
    while (i > 0 && sorted.get(i - 1).rva() == sorted.get(i).rva()) {
      i--;
    }
    return i < 0 ? Optional.empty() : Optional.of(sorted.get(i));
  }

  /** The first symbol above an address. */
  public static Optional<Symbol> next(List<Symbol> sorted, long rva) {
    int i = above(sorted, rva);
    return i < sorted.size() ? Optional.of(sorted.get(i)) : Optional.empty();
  }

  /** A symbol by its name, exact case first; the decorated form counts too. */
  public static Optional<Symbol> named(List<Symbol> sorted, String name) {
    return sorted.stream()
        .filter(s -> s.name().equals(name) || s.decorated().equals(name))
        .findFirst()
        .or(() -> sorted.stream().filter(s -> s.name().equalsIgnoreCase(name)).findFirst());
  }
}
