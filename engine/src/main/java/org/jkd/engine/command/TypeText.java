// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.function.Function;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.StructType;
import org.jkd.symbols.Types.Type;

/** Types as {@code dt} names them. */
final class TypeText {
  private TypeText() {}

  /** For instance {@code Ptr32 _KPRCB}, {@code [4] Uint4B}, {@code Pos 0, 3 Bits}. */
  static String name(Type type) {
    return switch (type) {
      case Types.Base b -> b.name();
      case Types.Pointer p -> "Ptr" + p.size() * 8 + " " + name(p.target());
      case Types.Array a -> "[" + a.count() + "] " + name(a.element());
      case Types.Bits b -> bits(b);
      case Types.StructRef s -> s.shown();
      case Types.EnumType e -> e.name();
      case Types.FunctionType f -> function(f);
      case Types.VoidType v -> v.name();
    };
  }

  private static String bits(Types.Bits b) {
    return "Pos " + b.position() + ", " + b.length() + (b.length() == 1 ? " Bit" : " Bits");
  }

  /** kd names of a function what it returns. */
  static String function(Types.FunctionType f) {
    return f.result().map(r -> "    " + Types.spelled(r) + " ").orElse("<function>");
  }

  /**
   * The longer form of {@code dt -v}, for instance {@code struct _KPRCB, 12 elements, 0x10 bytes}.
   *
   * @param struct finds the structure of a reference
   */
  static String verbose(Type type, Function<String, StructType> struct) {
    return switch (type) {
      case Types.Pointer p -> "Ptr" + p.size() * 8 + " to " + verbose(p.target(), struct);
      case Types.Array a -> "[" + a.count() + "] " + verbose(a.element(), struct);
      case Types.Bits b -> "Bitfield " + bits(b);
      case Types.EnumType e -> "Enum " + e.name() + ",  " + e.values().size() + " total enums";
      case Types.StructRef s -> heading(s, struct.apply(s.name()));
      case Types.Base _, Types.FunctionType _, Types.VoidType _ -> name(type);
    };
  }

  /** {@code struct _KTRAP_FRAME, 35 elements, 0x8c bytes}. */
  static String heading(Types.StructRef ref, StructType struct) {
    return ref.keyword()
        + " "
        + ref.shown()
        + ", "
        + struct.elements()
        + " elements, 0x"
        + Long.toHexString(struct.size())
        + " bytes";
  }
}
