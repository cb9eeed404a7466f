// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Symbols that were read from a file as a list. */
public class FileSymbols extends ListedSymbols {
  private final SymbolStatus status;
  private final Path file;

  /** Takes symbols in any order. */
  public FileSymbols(SymbolStatus status, Path file, List<Symbol> symbols) {
    super(symbols);
    this.status = status;
    this.file = file;
  }

  @Override
  public SymbolStatus status() {
    return status;
  }

  @Override
  public Optional<Path> file() {
    return Optional.of(file);
  }
}
