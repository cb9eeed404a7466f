// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import org.jkd.symbols.Types.Base;
import org.jkd.symbols.Types.Pointer;
import org.jkd.symbols.Types.Type;
import org.jkd.symbols.Types.VoidType;

/** The types of a PDB that need no record: their number says what they are. */
final class BasicTypes {
  private BasicTypes() {}

  /** A type by an index below 0x1000: the kind in the low byte, how it is pointed at above it. */
  static Type of(int index) {
    Type direct = kind(index & 0xff);
    return switch (index >>> 8 & 7) {
      case 0 -> direct;
      case 6 -> new Pointer(8, direct);
      default -> new Pointer(4, direct);
    };
  }

  private static Type kind(int kind) {
    return switch (kind) {
      case 0x03 -> new VoidType("Void");
      case 0x08 -> new Base("HRESULT", 4, true, "HRESULT");
      case 0x10 -> new Base("Char", 1, true, "signed char");
      case 0x70 -> new Base("Char", 1, true, "char");
      case 0x68 -> new Base("Char", 1, true, "int8");
      case 0x20 -> new Base("UChar", 1, false, "unsigned char");
      case 0x69 -> new Base("UChar", 1, false, "unsigned int8");
      case 0x71 -> new Base("Wchar", 2, false, "wchar_t");
      case 0x7a -> new Base("Char2B", 2, false, "char16_t");
      case 0x7b -> new Base("Char4B", 4, false, "char32_t");
      case 0x7c -> new Base("UChar", 1, false, "char8_t");
      case 0x11, 0x72 -> new Base("Int2B", 2, true, "short");
      case 0x21, 0x73 -> new Base("Uint2B", 2, false, "unsigned short");
      case 0x12 -> new Base("Int4B", 4, true, "long");
      case 0x74 -> new Base("Int4B", 4, true, "int");
      case 0x22 -> new Base("Uint4B", 4, false, "unsigned long");
      case 0x75 -> new Base("Uint4B", 4, false, "unsigned int");
      case 0x13, 0x76 -> new Base("Int8B", 8, true, "int64");
      case 0x23, 0x77 -> new Base("Uint8B", 8, false, "unsigned int64");
      case 0x14, 0x78 -> new Base("Int16B", 16, true, "int128");
      case 0x24, 0x79 -> new Base("Uint16B", 16, false, "unsigned int128");
      case 0x30 -> new Base("Bool", 1, false, "bool");
      case 0x31 -> new Base("Bool2B", 2, false, "bool");
      case 0x32 -> new Base("Bool4B", 4, false, "bool");
      case 0x40 -> new Base("Float", 4, true, "float");
      case 0x41 -> new Base("Double", 8, true, "double");
      case 0x42 -> new Base("Float10B", 10, true, "long double");
      default -> new VoidType("<basic type " + Integer.toHexString(kind) + ">");
    };
  }

  /** How C spells a type of which only the name in {@code dt} is known. */
  static String spelling(String name) {
    return switch (name) {
      case "Char" -> "char";
      case "UChar" -> "unsigned char";
      case "Wchar" -> "wchar_t";
      case "Int2B" -> "short";
      case "Uint2B" -> "unsigned short";
      case "Int4B" -> "long";
      case "Uint4B" -> "unsigned long";
      case "Int8B" -> "int64";
      case "Uint8B" -> "unsigned int64";
      case "Bool" -> "bool";
      case "Float" -> "float";
      case "Double" -> "double";
      default -> name;
    };
  }
}
