// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Optional;
import org.jkd.image.FormatException;

/** Names and types of functions, which symbol records give as numbers of records elsewhere. */
final class FunctionTypes {
  private final Pdb pdb;

  FunctionTypes(Pdb pdb) {
    this.pdb = pdb;
  }

  /** A function by its number in the stream of identifiers, with its scopes. */
  String name(int id) {
    try {
      return pdb.identifiers().record(id).map(this::name).orElse("");
    } catch (FormatException e) {
      return "";
    }
  }

  private String name(TypeRecord record) {
    if (!(record instanceof TypeRecord.FunctionId f)) {
      return "";
    }
    Optional<TypeRecord> scope =
        f.scope() == 0
            ? Optional.empty()
            : f.member() ? pdb.types().record(f.scope()) : pdb.identifiers().record(f.scope());
    String prefix =
        scope
            .map(s ->
                switch (s) {
                  case TypeRecord.Structure t -> t.name();
                  case TypeRecord.Text t -> t.text();
                  default -> "";
                })
            .orElse("");
    return prefix.isEmpty() ? f.name() : prefix + "::" + f.name();
  }

  /**
   * The type index of a procedure's function type; 0 when unknown.
   *
   * @param kind of the procedure's record
   * @param type what the record gives as its type
   */
  int type(int kind, int type) {
    if (kind != CodeView.S_LPROC32_ID && kind != CodeView.S_GPROC32_ID) {
      return type;
    }
    try {
      return pdb.identifiers().record(type).orElse(null) instanceof TypeRecord.FunctionId f
          ? f.type()
          : 0;
    } catch (FormatException e) {
      return 0;
    }
  }

  /**
   * How many parameters a procedure has, {@code this} included; −1 when unknown.
   *
   * @param kind of the procedure's record
   * @param type what the record gives as its type
   */
  int parameterCount(int kind, int type) {
    try {
      int function = type(kind, type);
      if (pdb.types().record(function).orElse(null) instanceof TypeRecord.Function f
          && pdb.types().record(f.arguments()).orElse(null) instanceof TypeRecord.Arguments a) {
        return a.types().size() + (f.self() != 0 ? 1 : 0);
      }
    } catch (FormatException e) {
      return -1;
    }
    return -1;
  }
}
