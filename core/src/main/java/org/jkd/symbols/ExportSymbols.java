// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Path;
import java.util.Optional;
import org.jkd.pe.ExportTable;
import org.jspecify.annotations.Nullable;

/** The export table as symbols: what is left when a module has no symbol file. */
public final class ExportSymbols extends ListedSymbols {
  /** Takes the exports of an image; forwarders and entries without a name are left out. */
  public ExportSymbols(ExportTable exports) {
    super(
        exports.entries().stream()
            .filter(e -> !e.forwarded() && !e.name().isEmpty())
            .map(e ->
                new Symbol(Decoration.shown(e.name()), e.name(), e.rva(), 0, Symbol.Kind.EXPORT))
            .toList());
  }

  @Override
  public SymbolStatus status() {
    return isEmpty() ? SymbolStatus.NONE : SymbolStatus.EXPORT;
  }

  @Override
  public Optional<Path> file() {
    return Optional.empty();
  }

  /** Equal for the same exports, wherever they were read. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ExportSymbols e && hasSameAs(e);
  }

  @Override
  public int hashCode() {
    return ExportSymbols.class.hashCode();
  }
}
