// SPDX-License-Identifier: Apache-2.0
/**
 * Symbols: where they are looked for, and address to name, name to address, types.
 *
 * <p>{@link org.jkd.symbols.SymbolSet} is what the rest of jkd talks to: it knows the modules of a
 * target, loads the symbols of one when they are asked for, and says where it looked. {@link
 * org.jkd.symbols.SymbolPath} understands {@code _NT_SYMBOL_PATH}, {@link
 * org.jkd.symbols.FileFinder} finds files along it (in stores and on servers through the package
 * {@code store}), {@link org.jkd.symbols.SymbolLoader} decides which file belongs to a module.
 * Sources of symbols are {@link org.jkd.symbols.PdbSymbols} and {@link
 * org.jkd.symbols.ExportSymbols}; others come from outside as a {@link
 * org.jkd.symbols.SymbolFormat}, or, where they belong to an image without a PDB, as an {@link
 * org.jkd.symbols.ImageFormat} (packages {@code dwarf}, {@code coff}, {@code dbg}, {@code map}).
 * C++ names are made readable in the package {@code undecorate}.
 */
@NullMarked
package org.jkd.symbols;

import org.jspecify.annotations.NullMarked;
