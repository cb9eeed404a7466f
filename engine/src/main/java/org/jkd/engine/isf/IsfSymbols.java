// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.isf;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.symbols.ListedSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.Types;

/** The symbols of an ISF file; they are those of a public PDB. */
final class IsfSymbols extends ListedSymbols {
  private final Path path;
  private final Types types;

  IsfSymbols(Path path, List<Symbol> symbols, Types types) {
    super(symbols);
    this.path = path;
    this.types = types;
  }

  @Override
  public SymbolStatus status() {
    return SymbolStatus.OTHER;
  }

  @Override
  public Optional<Path> file() {
    return Optional.of(path);
  }

  @Override
  public Types types() {
    return types;
  }
}
