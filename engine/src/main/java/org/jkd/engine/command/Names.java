// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import java.util.OptionalLong;

/** Names of addresses and addresses of names. */
public interface Names {
  /** Nothing has a name. */
  Names NONE =
      new Names() {
        @Override
        public Optional<Name> at(long address) {
          return Optional.empty();
        }

        @Override
        public OptionalLong address(String name) {
          return OptionalLong.empty();
        }
      };

  /** The name at or nearest below an address in the module that contains it. */
  Optional<Name> at(long address);

  /** The address of {@code module!name}, of a name in any module, or the base of a module. */
  OptionalLong address(String name);

  /** {@code module!symbol+0x12}, or empty if no module contains the address. */
  default Optional<String> text(long address) {
    return at(address).map(Name::text);
  }

  /**
   * A name for an address.
   *
   * @param module the debugger's name of the module
   * @param symbol the symbol's name; empty if the module has none at or below the address
   * @param displacement bytes from the symbol, or from the module's base
   */
  record Name(String module, String symbol, long displacement) {
    /** {@code nt!IofCallDriver+0x45}, {@code BabyHog+0x1196}, {@code nt!IofCallDriver}. */
    public String text() {
      String offset = displacement == 0 ? "" : "+0x" + Long.toHexString(displacement);
      return function() + offset;
    }

    /** {@code nt!IofCallDriver}, or the module alone. */
    public String function() {
      return symbol.isEmpty() ? module : module + "!" + symbol;
    }
  }
}
