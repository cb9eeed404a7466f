// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.function.BooleanSupplier;
import org.jkd.pdb.CodeView;

/** How the names of a PDB are shown, and what kinds of symbols its records are. */
final class ShownName {
  private ShownName() {}

  /**
   * The shown name. Compilers write procedures and data without decoration; assemblers repeat the
   * public name, which then stands beside it.
   *
   * @param publicToo tells whether a public symbol at the same address has the same name
   */
  static String of(
      String name, boolean isPublic, int kind, boolean x86, BooleanSupplier publicToo) {
    boolean decorated =
        isPublic
            || kind == CodeView.S_THUNK32
            || Decoration.argumentBytes(name) >= 0
            || x86 && name.startsWith("_") && publicToo.getAsBoolean();
    return decorated ? Decoration.shown(name) : name;
  }

  static Symbol.Kind publicKind(long flags) {
    return (flags & (CodeView.PUB_CODE | CodeView.PUB_FUNCTION)) != 0
        ? Symbol.Kind.PUBLIC_CODE
        : Symbol.Kind.PUBLIC;
  }

  static Symbol.Kind kind(int kind) {
    if (CodeView.isProcedure(kind)) {
      return Symbol.Kind.PROCEDURE;
    }
    return kind == CodeView.S_THUNK32 ? Symbol.Kind.THUNK : Symbol.Kind.DATA;
  }
}
