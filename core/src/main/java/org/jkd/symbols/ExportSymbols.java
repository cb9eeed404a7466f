// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jkd.pe.ExportTable;

/** The export table as symbols: what is left when a module has no symbol file. */
public final class ExportSymbols implements ModuleSymbols {
  private final List<Symbol> symbols;

  /** Takes the exports of an image; forwarders and entries without a name are left out. */
  public ExportSymbols(ExportTable exports) {
    List<Symbol> list = new ArrayList<>();
    for (ExportTable.Export e : exports.entries()) {
      if (!e.forwarded() && !e.name().isEmpty()) {
        list.add(new Symbol(Decoration.shown(e.name()), e.name(), e.rva(), 0, Symbol.Kind.EXPORT));
      }
    }
    this.symbols = SortedSymbols.sorted(list);
  }

  @Override
  public SymbolStatus status() {
    return symbols.isEmpty() ? SymbolStatus.NONE : SymbolStatus.EXPORT;
  }

  @Override
  public Optional<Path> file() {
    return Optional.empty();
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
    return SortedSymbols.named(symbols, name);
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
