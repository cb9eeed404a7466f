// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import java.util.OptionalLong;

/** The names that a debuggee's symbols give. */
final class SymbolNames implements Names {
  private final Debuggee debuggee;

  SymbolNames(Debuggee debuggee) {
    this.debuggee = debuggee;
  }

  @Override
  public Optional<Name> at(long address) {
    return debuggee
        .symbols()
        .nearest(address)
        .map(n ->
            new Name(
                n.module().name(),
                n.symbol().map(debuggee.symbols()::shown).orElse(""),
                n.displacement()));
  }

  @Override
  public OptionalLong address(String name) {
    if (name.indexOf('!') < 0) {
      var module = debuggee.symbols().module(name);
      if (module.isPresent()) {
        return OptionalLong.of(module.get().base());
      }
    }
    return debuggee.symbols().address(name);
  }
}
