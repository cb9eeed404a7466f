// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads names with their scopes, and templates with their arguments. */
final class NameReader {
  private final Scan scan;
  private final SymbolReader symbols;
  private final TypeReader types;

  NameReader(Scan scan, SymbolReader symbols) {
    this.scan = scan;
    this.symbols = symbols;
    this.types = new TypeReader(scan, this);
  }

  TypeReader types() {
    return types;
  }

  /** The qualified name of a type. */
  Qualified ofType() throws Unreadable {
    int start = scan.at();
    Name own = unqualifiedType();
    return scoped(own, scan.since(start));
  }

  /** The qualified name of a function or variable. */
  Qualified ofSymbol() throws Unreadable {
    int start = scan.at();
    // Names of function templates are not remembered: they rarely stand twice in one symbol.
    Name own = unqualifiedSymbol();
    Qualified result = scoped(own, scan.since(start));
    if (own instanceof Name.Structor && result.scopes().isEmpty()) {
      throw scan.unreadable("a constructor without a class");
    }
    return result;
  }

  /** The scopes of a name that the compiler made. */
  Qualified scoped(Name own) throws Unreadable {
    return scoped(own, "");
  }

  private Qualified scoped(Name own, String decorated) throws Unreadable {
    List<Name> scopes = new ArrayList<>();
    while (!scan.skip("@")) {
      scopes.add(scope());
    }
    Collections.reverse(scopes);
    return new Qualified(scopes, own, decorated);
  }

  private Name scope() throws Unreadable {
    if (scan.atDigit()) {
      return scan.nameAtDigit();
    }
    if (scan.at("?$")) {
      return template(true);
    }
    if (scan.skip("?A")) {
      return anonymous();
    }
    if (scan.atLocalScope()) {
      scan.expect("?");
      long number = scan.number().magnitude();
      scan.expect("?");
      return new Name.Local(symbols.symbol(), number);
    }
    return simple();
  }

  /**
   * A namespace without a name, {@code ?A0x5fd8a2b1@}. Microsoft's compilers count it among the
   * names that references point to; clang, which writes the number in capital letters, does not.
   */
  private Name anonymous() throws Unreadable {
    String key = scan.until('@');
    Name name = new Name.Anonymous();
    if (key.equals(key.toLowerCase(Locale.ROOT))) {
      scan.remember("?A" + key, name);
    }
    return name;
  }

  private Name simple() throws Unreadable {
    String s = scan.word();
    Name name = new Name.Simple(s, null);
    scan.remember(s, name);
    return name;
  }

  /** The innermost part of a type's name. */
  Name unqualifiedType() throws Unreadable {
    if (scan.atDigit()) {
      return scan.nameAtDigit();
    }
    return scan.at("?$") ? template(true) : simple();
  }

  private Name unqualifiedSymbol() throws Unreadable {
    if (scan.atDigit()) {
      return scan.nameAtDigit();
    }
    if (scan.at("?$")) {
      return template(false);
    }
    return scan.skip("?") ? coded() : simple();
  }

  /** A name that is given by a code. */
  private Name coded() throws Unreadable {
    String under = scan.skip("__") ? "__" : scan.skip("_") ? "_" : "";
    String code = under + scan.next();
    return switch (code) {
      case "0" -> new Name.Structor(false, null);
      case "1" -> new Name.Structor(true, null);
      case "B" -> new Name.Conversion(null, null);
      case "__K" -> new Name.Literal(scan.word(), null);
      default -> {
        Operators.Entry entry = Operators.of(code);
        if (entry == null) {
          throw scan.unreadable("an unknown operator");
        }
        yield new Name.Operator(entry, null);
      }
    };
  }

  private Name template(boolean remember) throws Unreadable {
    int start = scan.at();
    scan.expect("?$");
    scan.enter();
    Scan.Remembered outer = scan.fresh();
    Name name = unqualifiedSymbol();
    name = name.with(arguments());
    scan.back(outer);
    scan.leave();
    if (remember) {
      if (name instanceof Name.Structor || name instanceof Name.Conversion) {
        throw scan.unreadable("a function as a scope");
      }
      scan.remember(scan.since(start), name);
    }
    return name;
  }

  private List<Argument> arguments() throws Unreadable {
    List<Argument> result = new ArrayList<>();
    while (!scan.skip("@")) {
      if (scan.skip("$S") || scan.skip("$$V") || scan.skip("$$$V") || scan.skip("$$Z")) {
        // An empty pack, or the border between two packs.
        continue;
      }
      result.add(argument());
    }
    return result;
  }

  private Argument argument() throws Unreadable {
    // Of an argument for "auto" the type stands before the value; then the value has no $.
    boolean auto = scan.skip("$M");
    if (auto) {
      types.type(TypeReader.Mode.DROP);
    }
    if (scan.skip("$$Y")) {
      return new Argument.Template(ofType());
    }
    if (scan.skip("$$B")) {
      return types.type(TypeReader.Mode.DROP);
    }
    if (scan.skip("$$C")) {
      return types.type(TypeReader.Mode.MANGLED);
    }
    String dollar = auto ? "" : "$";
    if (scan.skip(dollar + "1")) {
      return function(0);
    }
    if (scan.skip(dollar + "H")) {
      return function(1);
    }
    if (scan.skip(dollar + "I")) {
      return function(2);
    }
    if (scan.skip(dollar + "J")) {
      return function(3);
    }
    if (scan.at(dollar + "E?")) {
      scan.expect(dollar + "E");
      return new Argument.Reference(symbols.symbol(), false, List.of());
    }
    if (scan.skip(dollar + "F")) {
      return new Argument.Reference(null, true, offsets(2));
    }
    if (scan.skip(dollar + "G")) {
      return new Argument.Reference(null, true, offsets(3));
    }
    if (scan.skip(dollar + "0")) {
      return scan.number();
    }
    return types.type(TypeReader.Mode.DROP);
  }

  /** A pointer to a function or member function. */
  private Argument function(int offsets) throws Unreadable {
    Declared symbol = null;
    if (scan.peek() == '?') {
      symbol = symbols.symbol();
      Qualified name = name(symbol);
      if (name == null) {
        throw scan.unreadable("a function without a name");
      }
      scan.remember(name.decorated(), name.own());
    }
    return new Argument.Reference(symbol, true, offsets(offsets));
  }

  private static @Nullable Qualified name(Declared symbol) {
    return switch (symbol) {
      case Declared.Function f -> f.name();
      case Declared.Variable v -> v.name();
      case Declared.Table t -> t.name();
      case Declared.OfType ignored -> null;
      case Declared.Text ignored -> null;
      case Declared.Md5 m -> new Qualified(List.of(), new Name.Simple(m.text(), null), m.text());
    };
  }

  private List<Long> offsets(int count) throws Unreadable {
    List<Long> result = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      result.add(scan.signed());
    }
    return result;
  }
}
