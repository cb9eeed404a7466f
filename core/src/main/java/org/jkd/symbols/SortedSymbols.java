// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

  /**
   * The symbols of two sources. Functions and variables take their decorated names from the publics
   * at their starts; publics inside of functions are labels and are dropped, others are added.
   */
  public static List<Symbol> joined(List<Symbol> symbols, List<Symbol> publics) {
    Map<Long, Symbol> decorated = new HashMap<>();
    publics.forEach(s -> decorated.putIfAbsent(s.rva(), s));
    TreeMap<Long, Long> ends = new TreeMap<>();
    List<Symbol> result = new ArrayList<>();
    for (Symbol s : symbols) {
      ends.merge(s.rva(), s.rva() + Math.max(1, s.size()), Math::max);
      Symbol other = decorated.get(s.rva());
      result.add(
          other == null ? s : new Symbol(s.name(), other.decorated(), s.rva(), s.size(), s.kind()));
    }
    for (Symbol s : publics) {
      Map.Entry<Long, Long> below = ends.floorEntry(s.rva());
      if (below == null || s.rva() >= below.getValue()) {
        result.add(s);
      }
    }
    return result;
  }
}
