// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.List;

/**
 * A name in its scopes.
 *
 * @param scopes the outermost first
 * @param decorated the part of the decorated text that gave {@code own}
 */
record Qualified(List<Name> scopes, Name own, String decorated) {
  static Qualified of(Name own) {
    return new Qualified(List.of(), own, "");
  }

  Qualified with(Name other) {
    return new Qualified(scopes, other, decorated);
  }
}
