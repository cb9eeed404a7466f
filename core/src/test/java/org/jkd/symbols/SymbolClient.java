// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jkd.symbols.store.StoreSettings;
import org.jkd.symbols.store.Stores;

/** A process of its own that wants the symbols of one module: {@code SymbolClient PATH}. */
final class SymbolClient {
  private SymbolClient() {}

  public static void main(String[] args) {
    ModuleIdentity module = SymbolServerTest.module("driver.pdb");
    Stores stores = new Stores(StoreSettings.of(Map.of()));
    SymbolSet set =
        new SymbolSet(
            List.of(module),
            new SymbolLoader(
                SymbolPath.parse(args[0]),
                SymbolPath.EMPTY,
                List.of(),
                stores,
                LoadOptions.NORMAL));
    OptionalLong address = set.address("driver!Function");
    PrintStream out = System.out;
    out.println(
        address.isPresent() ? "at " + Long.toHexString(address.getAsLong()) : set.summary(module));
  }
}
