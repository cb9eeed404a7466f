// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jkd.stack.CodeSource;
import org.jkd.symbols.Symbol;

/** Names of code addresses as kd writes them. */
final class Names {
  /**
   * Names that are kept: a recursion asks for the same ones a hundred thousand times. When more
   * different places are asked for, all are forgotten.
   */
  private static final int KEPT = 1 << 14;

  private record Name(String module, String function, String symbol) {}

  private final CodeSource code;
  private final Map<Long, Name> names = new HashMap<>();

  Names(CodeSource code) {
    this.code = code;
  }

  /** The debugger's module name; empty text outside all modules. */
  String module(long address) {
    return name(address).module();
  }

  /** For instance {@code nt!IofCallDriver}; a module without symbols names only itself. */
  String function(long address) {
    return name(address).function();
  }

  /** For instance {@code nt!IofCallDriver+0x45}. */
  String symbol(long address) {
    return name(address).symbol();
  }

  private Name name(long address) {
    if (names.size() >= KEPT) {
      names.clear();
    }
    return names.computeIfAbsent(
        address,
        a ->
            new Name(
                code.at(a).map(CodeSource.Module::name).orElse(""), text(a, false), text(a, true)));
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
