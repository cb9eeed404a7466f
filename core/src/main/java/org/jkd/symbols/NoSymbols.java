// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** No symbols at all. */
public record NoSymbols() implements ModuleSymbols {
  @Override
  public SymbolStatus status() {
    return SymbolStatus.NONE;
  }

  @Override
  public Optional<Path> file() {
    return Optional.empty();
  }

  @Override
  public Optional<Symbol> nearest(long rva) {
    return Optional.empty();
  }

  @Override
  public Optional<Symbol> next(long rva) {
    return Optional.empty();
  }

  @Override
  public Optional<Symbol> named(String name) {
    return Optional.empty();
  }

  @Override
  public List<Symbol> matching(Predicate<String> name) {
    return List.of();
  }

  @Override
  public Types types() {
    return Types.NONE;
  }

  @Override
  public UnwindRecords unwindRecords() {
    return UnwindRecords.NONE;
  }

  /** One module without symbols is like another. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NoSymbols;
  }

  @Override
  public int hashCode() {
    return NoSymbols.class.hashCode();
  }
}
