// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import org.jkd.symbols.Types;
import org.jkd.symbols.Types.Base;
import org.jkd.symbols.Types.Type;

/**
 * A type of a C++ expression.
 *
 * @param scope where the structures that it refers to are found
 */
public record CxxType(Types scope, Type type) {
  static final CxxType INT = basic("Int4B", 4, true, "int");
  static final CxxType UNSIGNED = basic("Uint4B", 4, false, "unsigned int");
  static final CxxType INT64 = basic("Int8B", 8, true, "int64");
  static final CxxType UNSIGNED64 = basic("Uint8B", 8, false, "unsigned int64");
  static final CxxType DOUBLE = basic("Double", 8, true, "double");
  static final CxxType CHAR = basic("Char", 1, true, "char");
  static final CxxType BOOL = basic("Bool", 1, false, "bool");

  private static CxxType basic(String name, int size, boolean signed, String spelling) {
    return new CxxType(Types.NONE, new Base(name, size, signed, spelling));
  }

  /** A pointer to this type. */
  CxxType pointer(int size) {
    return new CxxType(scope, new Types.Pointer(size, type));
  }

  boolean isFloating() {
    return type instanceof Base b && (b.name().equals("Float") || b.name().equals("Double"));
  }

  boolean isSigned() {
    return switch (type) {
      case Base b -> b.signed();
      case Types.EnumType _ -> true;
      case Types.Bits b -> new CxxType(scope, b.storage()).isSigned();
      case Types.Pointer _,
          Types.Array _,
          Types.StructRef _,
          Types.FunctionType _,
          Types.VoidType _ ->
          false;
    };
  }

  /** A built-in type by its name, or null. */
  static @org.jspecify.annotations.Nullable CxxType builtIn(String name, int pointerSize) {
    return switch (name) {
      case "int",
          "signed",
          "signed int",
          "INT",
          "BOOL",
          "INT32",
          "NTSTATUS",
          "HRESULT",
          "__int32" ->
          INT;
      case "unsigned", "unsigned int", "UINT", "UINT32", "unsigned __int32" -> UNSIGNED;
      case "long", "long int", "LONG" -> basic("Int4B", 4, true, "long");
      case "unsigned long", "ULONG", "DWORD", "ulong" -> basic("Uint4B", 4, false, "unsigned long");
      case "short", "short int", "SHORT", "__int16" -> basic("Int2B", 2, true, "short");
      case "unsigned short", "USHORT", "WORD" -> basic("Uint2B", 2, false, "unsigned short");
      case "wchar_t", "WCHAR" -> basic("Wchar", 2, false, "wchar_t");
      case "char", "CHAR", "signed char" -> CHAR;
      case "unsigned char", "UCHAR", "BYTE", "BOOLEAN" -> basic("UChar", 1, false, "unsigned char");
      case "__int64", "int64", "long long", "LONG64", "LONGLONG", "INT64" -> INT64;
      case "unsigned __int64",
          "unsigned int64",
          "unsigned long long",
          "ULONG64",
          "ULONGLONG",
          "DWORD64",
          "UINT64" ->
          UNSIGNED64;
      case "ULONG_PTR", "SIZE_T", "size_t", "DWORD_PTR", "UINT_PTR" ->
          pointerSize == 4 ? UNSIGNED : UNSIGNED64;
      case "bool" -> BOOL;
      case "float" -> basic("Float", 4, true, "float");
      case "double" -> DOUBLE;
      case "void", "VOID" -> new CxxType(Types.NONE, new Types.VoidType("Void"));
      case "PVOID" ->
          new CxxType(Types.NONE, new Types.Pointer(pointerSize, new Types.VoidType("Void")));
      default -> null;
    };
  }
}
