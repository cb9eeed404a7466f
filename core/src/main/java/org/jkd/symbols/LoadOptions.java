// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import org.jkd.symbols.store.Stores;

/**
 * How symbols are loaded.
 *
 * @param publicsOnly reduces every PDB to its public symbols
 * @param anything takes a PDB of the right name with another GUID or age
 * @param ask whether servers are asked
 */
public record LoadOptions(boolean publicsOnly, boolean anything, Stores.Ask ask) {
  /** As always. */
  public static final LoadOptions NORMAL = new LoadOptions(false, false, Stores.Ask.SERVERS);
}
