// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.Optional;
import org.jkd.stack.CodeSource;
import org.jkd.symbols.Symbol;

/** Names of code addresses as kd writes them. */
final class Names {
  private final CodeSource code;

  Names(CodeSource code) {
    this.code = code;
  }

  /** The debugger's module name; empty text outside all modules. */
  String module(long address) {
    return code.at(address).map(CodeSource.Module::name).orElse("");
  }

  /** For instance {@code nt!IofCallDriver}; a module without symbols names only itself. */
  String function(long address) {
    return text(address, false);
  }

  /** For instance {@code nt!IofCallDriver+0x45}. */
  String symbol(long address) {
    return text(address, true);
  }

  private String text(long address, boolean displacement) {
    Optional<CodeSource.Module> found = code.at(address);
    if (found.isEmpty()) {
      return "0x" + Long.toHexString(address);
    }
    CodeSource.Module module = found.get();
    long rva = address - module.base();
    Optional<Symbol> symbol = module.symbols().nearest(rva);
    String name = symbol.map(s -> module.name() + "!" + s.name()).orElse(module.name());
    long offset = rva - symbol.map(Symbol::rva).orElse(0L);
    return displacement && offset != 0 ? name + "+0x" + Long.toHexString(offset) : name;
  }
}
