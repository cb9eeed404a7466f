// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Symbols that are held as a list in ascending order of address: the base of the simple sources.
 */
public abstract class ListedSymbols implements ModuleSymbols {
  private final List<Symbol> symbols;
  private @Nullable Map<String, Symbol> byName;

  /** Takes symbols in any order; those at one address keep their order, and the first is shown. */
  protected ListedSymbols(List<Symbol> symbols) {
    this.symbols = SortedSymbols.sorted(symbols);
  }

  /** True when there is no symbol at all. */
  protected boolean isEmpty() {
    return symbols.isEmpty();
  }

  /** True when another list has the same symbols. */
  protected boolean hasSameAs(ListedSymbols other) {
    return symbols.equals(other.symbols);
  }

  @Override
  public Optional<Symbol> nearest(long rva) {
    return SortedSymbols.nearest(symbols, rva);
  }

  @Override
  public Optional<Symbol> next(long rva) {
    return SortedSymbols.next(symbols, rva);
  }

  @Override
  public Optional<Symbol> named(String name) {
    if (byName == null) {
      Map<String, Symbol> names = new HashMap<>();
      symbols.forEach(s -> names.putIfAbsent(s.name(), s));
      symbols.forEach(s -> names.putIfAbsent(s.decorated(), s));
      symbols.forEach(s -> names.putIfAbsent(folded(s.name()), s));
      byName = names;
    }
    Symbol exact = byName.get(name);
    return Optional.ofNullable(exact != null ? exact : byName.get(folded(name)));
  }

  /** A key that no exact name has, since none holds a NUL. */
  private static String folded(String name) {
    return '\0' + name.toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Symbol> matching(Predicate<String> name) {
    return symbols.stream().filter(s -> name.test(s.name())).toList();
  }

  @Override
  public Types types() {
    return Types.NONE;
  }

  @Override
  public UnwindRecords unwindRecords() {
    return UnwindRecords.NONE;
  }
}
