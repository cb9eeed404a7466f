// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.ArrayList;
import java.util.List;

/** Reads types. */
final class TypeReader {
  /** Where the qualifiers of a type stand. */
  enum Mode {
    /** There are none. */
    DROP,
    /** They stand before it. */
    MANGLED,
    /** They stand before it behind a {@code ?}, if there are any. */
    RESULT
  }

  private final Scan scan;
  private final NameReader names;

  TypeReader(Scan scan, NameReader names) {
    this.scan = scan;
    this.names = names;
  }

  Type type(Mode mode) throws Unreadable {
    int qualifiers =
        switch (mode) {
          case DROP -> 0;
          case MANGLED -> qualifiers();
          case RESULT -> scan.skip("?") ? qualifiers() : 0;
        };
    scan.enter();
    Type type = unqualified();
    scan.leave();
    return type.plus(qualifiers);
  }

  private Type unqualified() throws Unreadable {
    if (scan.skip("$$Q")) {
      return pointer("&&", 0);
    }
    if (scan.skip("$$A8@@")) {
      return function(true);
    }
    if (scan.skip("$$A6")) {
      return function(false);
    }
    if (scan.skip("$$T")) {
      return new Type.Primitive("std::nullptr_t", 0);
    }
    char c = scan.next();
    return switch (c) {
      case 'T' -> new Type.Tag("union", names.ofType(), 0);
      case 'U' -> new Type.Tag("struct", names.ofType(), 0);
      case 'V' -> new Type.Tag("class", names.ofType(), 0);
      case 'W' -> {
        scan.expect("4");
        yield new Type.Tag("enum", names.ofType(), 0);
      }
      case 'A' -> pointer("&", 0);
      case 'P' -> pointer("*", 0);
      case 'Q' -> pointer("*", Qualifiers.CONST);
      case 'R' -> pointer("*", Qualifiers.VOLATILE);
      case 'S' -> pointer("*", Qualifiers.CONST | Qualifiers.VOLATILE);
      case 'Y' -> array();
      case '?' -> {
        Name name = names.unqualifiedType();
        scan.expect("@");
        yield new Type.Custom(name, 0);
      }
      default -> primitive(c);
    };
  }

  private Type primitive(char c) throws Unreadable {
    String word =
        switch (c) {
          case 'X' -> "void";
          case 'D' -> "char";
          case 'C' -> "signed char";
          case 'E' -> "unsigned char";
          case 'F' -> "short";
          case 'G' -> "unsigned short";
          case 'H' -> "int";
          case 'I' -> "unsigned int";
          case 'J' -> "long";
          case 'K' -> "unsigned long";
          case 'M' -> "float";
          case 'N' -> "double";
          case 'O' -> "long double";
          case '_' -> extended(scan.next());
          default -> throw scan.unreadable("an unknown type");
        };
    return new Type.Primitive(word, 0);
  }

  private String extended(char c) throws Unreadable {
    return switch (c) {
      case 'D' -> "__int8";
      case 'E' -> "unsigned __int8";
      case 'F' -> "__int16";
      case 'G' -> "unsigned __int16";
      case 'H' -> "__int32";
      case 'I' -> "unsigned __int32";
      case 'J' -> "__int64";
      case 'K' -> "unsigned __int64";
      case 'L' -> "__int128";
      case 'M' -> "unsigned __int128";
      case 'N' -> "bool";
      case 'P' -> "auto";
      case 'Q' -> "char8_t";
      case 'S' -> "char16_t";
      case 'T' -> "decltype(auto)";
      case 'U' -> "char32_t";
      case 'W' -> "wchar_t";
      default -> throw scan.unreadable("an unknown type");
    };
  }

  /** Qualifiers of a type or, as Q to T, of a member. */
  int qualifiers() throws Unreadable {
    char c = scan.next();
    return switch (c) {
      case 'A', 'Q' -> 0;
      case 'B', 'R' -> Qualifiers.CONST;
      case 'C', 'S' -> Qualifiers.VOLATILE;
      case 'D', 'T' -> Qualifiers.CONST | Qualifiers.VOLATILE;
      default -> throw scan.unreadable("unknown qualifiers");
    };
  }

  /** What may stand between a pointer and what it points to; the size of the pointer is dropped. */
  int pointerQualifiers() {
    scan.skip("E");
    int result = scan.skip("I") ? Qualifiers.RESTRICT : 0;
    return scan.skip("F") ? result | Qualifiers.UNALIGNED : result;
  }

  private Type pointer(String sign, int qualifiers) throws Unreadable {
    boolean mayPointToMember = sign.equals("*");
    if (scan.skip("6")) {
      return new Type.Pointer(sign, function(false), null, qualifiers);
    }
    if (mayPointToMember && scan.skip("8")) {
      Qualified owner = names.ofType();
      return new Type.Pointer(sign, function(true), owner, qualifiers);
    }
    int all = qualifiers | pointerQualifiers();
    if (mayPointToMember && scan.peek() >= 'Q' && scan.peek() <= 'T') {
      int pointee = qualifiers();
      Qualified owner = names.ofType();
      return new Type.Pointer(sign, type(Mode.DROP).with(pointee), owner, all);
    }
    return new Type.Pointer(sign, type(Mode.MANGLED), null, all);
  }

  private Type array() throws Unreadable {
    Argument.Number rank = scan.number();
    if (rank.negative() || rank.magnitude() == 0) {
      throw scan.unreadable("an array without dimensions");
    }
    List<Long> dimensions = new ArrayList<>();
    for (long i = 0; i != rank.magnitude(); i++) {
      dimensions.add(scan.unsigned());
    }
    int qualifiers = scan.skip("$$C") ? qualifiers() : 0;
    return new Type.Array(dimensions, type(Mode.DROP), qualifiers);
  }

  /**
   * The type of a function.
   *
   * @param member true when it has qualifiers of {@code this}
   */
  Type.Function function(boolean member) throws Unreadable {
    int qualifiers = 0;
    String reference = "";
    if (member) {
      qualifiers = pointerQualifiers();
      reference = scan.skip("G") ? "&" : scan.skip("H") ? "&&" : "";
      qualifiers |= qualifiers();
    }
    String convention = convention();
    Type result = scan.skip("@") ? null : type(Mode.RESULT);
    List<Type> parameters = new ArrayList<>();
    boolean variadic = parameters(parameters);
    boolean noexcept = scan.skip("_E");
    if (!noexcept) {
      scan.expect("Z");
    }
    return new Type.Function(
        convention, result, parameters, variadic, noexcept, reference, qualifiers);
  }

  String convention() throws Unreadable {
    char c = scan.next();
    return switch (c) {
      case 'A', 'B' -> "__cdecl";
      case 'C', 'D' -> "__pascal";
      case 'E', 'F' -> "__thiscall";
      case 'G', 'H' -> "__stdcall";
      case 'I', 'J' -> "__fastcall";
      case 'M', 'N' -> "__clrcall";
      case 'O', 'P' -> "__eabi";
      case 'Q' -> "__vectorcall";
      case 'S' -> "__attribute__((__swiftcall__)) ";
      case 'W' -> "__attribute__((__swiftasynccall__)) ";
      case 'w' -> "__regcall";
      default -> throw scan.unreadable("an unknown calling convention");
    };
  }

  /** Reads parameters; true when more may follow them in a call. */
  private boolean parameters(List<Type> into) throws Unreadable {
    if (scan.skip("X")) {
      return false;
    }
    while (!scan.skip("@")) {
      if (scan.skip("Z")) {
        return true;
      }
      if (scan.atDigit()) {
        into.add(scan.parameterAtDigit());
        continue;
      }
      int start = scan.at();
      Type type = type(Mode.DROP);
      into.add(type);
      if (scan.at() - start > 1) {
        scan.remember(type);
      }
    }
    return false;
  }

  /** The type of a variable, whose last qualifiers stand behind it. */
  Type ofVariable() throws Unreadable {
    Type type = type(Mode.DROP);
    if (type instanceof Type.Pointer p) {
      int own = pointerQualifiers();
      int pointee = qualifiers();
      if (p.member() != null) {
        names.ofType();
      }
      return new Type.Pointer(
          p.sign(), p.pointee().plus(pointee), p.member(), p.qualifiers() | own);
    }
    return type.with(qualifiers());
  }
}
