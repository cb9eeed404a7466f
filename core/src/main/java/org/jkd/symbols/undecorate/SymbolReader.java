// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads whole decorated names. */
final class SymbolReader {
  private static final int VIRTUAL = 1;
  private static final int STATIC = 2;
  private static final int ADJUSTED = 3;
  private static final long LOW = 0xffff_ffffL;

  private final Scan scan;
  private final NameReader names;
  private final TypeReader types;

  SymbolReader(Scan scan) {
    this.scan = scan;
    this.names = new NameReader(scan, this);
    this.types = names.types();
  }

  /** A decorated name; what follows it is left alone. */
  Declared symbol() throws Unreadable {
    scan.enter();
    Declared result = anySymbol();
    scan.leave();
    return result;
  }

  private Declared anySymbol() throws Unreadable {
    if (scan.skip(".")) {
      // The name in a type descriptor, which is data of programs, not a symbol.
      return whole(
          new Declared.OfType(types.type(TypeReader.Mode.RESULT), "`RTTI Type Descriptor Name'"));
    }
    if (scan.at("??@")) {
      return md5();
    }
    scan.expect("?");
    if (scan.skip("?_7")) {
      return table("`vftable'");
    }
    if (scan.skip("?_8")) {
      return table("`vbtable'");
    }
    if (scan.skip("?_S")) {
      return table("`local vftable'");
    }
    if (scan.skip("?_9")) {
      return virtualCall();
    }
    if (scan.skip("?_B")) {
      return guard(false);
    }
    if (scan.skip("?__J")) {
      return guard(true);
    }
    if (scan.skip("?_C")) {
      return new StringReader(scan).read();
    }
    if (scan.skip("?_R")) {
      return runTimeType();
    }
    if (scan.skip("?__E")) {
      return initializer(false);
    }
    return scan.skip("?__F") ? initializer(true) : declaration();
  }

  private Declared whole(Declared d) throws Unreadable {
    if (!scan.atEnd()) {
      throw scan.unreadable("expected the end");
    }
    return d;
  }

  /**
   * {@code ??@} with 32 digits. The description of a complete object puts its own mark behind that.
   */
  private Declared md5() throws Unreadable {
    int start = scan.at();
    scan.expect("??@");
    scan.until('@');
    scan.skip("??_R4@");
    return new Declared.Md5(scan.since(start));
  }

  private static Name made(String text) {
    return new Name.Simple(text, null);
  }

  private Declared table(String what) throws Unreadable {
    Qualified name = names.scoped(made(what));
    char kind = scan.next();
    if (kind != '6' && kind != '7') {
      throw scan.unreadable("expected a table");
    }
    int qualifiers = types.qualifiers();
    return new Declared.Table(name, qualifiers, scan.skip("@") ? null : names.ofType());
  }

  private Declared virtualCall() throws Unreadable {
    Qualified scope = names.scoped(made(""));
    scan.expect("$B");
    long offset = scan.unsigned();
    scan.expect("A");
    String convention = types.convention();
    return new Declared.Function(
        scope.with(new Name.VirtualCall(offset)),
        "",
        false,
        false,
        false,
        null,
        new Declared.Thunk("", List.of(), convention));
  }

  private Declared guard(boolean thread) throws Unreadable {
    Qualified name = names.scoped(made(""));
    if (!scan.skip("4IA") && !scan.skip("5")) {
      throw scan.unreadable("expected a guard");
    }
    long index = scan.atEnd() ? 0 : scan.unsigned();
    return new Declared.Variable(name.with(new Name.Guard(thread, index)), "", null);
  }

  private Declared runTimeType() throws Unreadable {
    char kind = scan.next();
    return switch (kind) {
      case '0' -> {
        Type type = types.type(TypeReader.Mode.RESULT);
        scan.expect("@8");
        yield whole(new Declared.OfType(type, "`RTTI Type Descriptor'"));
      }
      case '1' -> {
        Name own =
            new Name.BaseClass(
                scan.unsigned() & LOW,
                scan.displacement(),
                scan.unsigned() & LOW,
                scan.unsigned() & LOW);
        Declared.Variable v = new Declared.Variable(names.scoped(own), "", null);
        scan.skip("8");
        yield v;
      }
      case '2' -> untyped("`RTTI Base Class Array'");
      case '3' -> untyped("`RTTI Class Hierarchy Descriptor'");
      case '4' -> table("`RTTI Complete Object Locator'");
      default -> throw scan.unreadable("unknown type information");
    };
  }

  private Declared untyped(String what) throws Unreadable {
    Qualified name = names.scoped(made(what));
    scan.expect("8");
    return new Declared.Variable(name, "", null);
  }

  private Declared initializer(boolean destructor) throws Unreadable {
    boolean member = scan.skip("?");
    Declared of = declaration();
    return switch (of) {
      case Declared.Variable v -> {
        scan.expect("@");
        // Old compilers wrote neither the leading question mark nor the second end mark.
        if (member) {
          scan.expect("@");
        }
        yield function(Qualified.of(new Name.Initializer(destructor, v)));
      }
      case Declared.Function f when !member ->
          new Declared.Function(
              Qualified.of(new Name.Initializer(destructor, f)),
              f.access(),
              f.isStatic(),
              f.isVirtual(),
              f.externC(),
              f.type(),
              f.thunk());
      default -> throw scan.unreadable("an initializer of a function");
    };
  }

  private Declared declaration() throws Unreadable {
    Qualified name = names.ofSymbol();
    char c = scan.peek();
    if (c >= '0' && c <= '4') {
      scan.next();
      if (name.own() instanceof Name.Conversion) {
        throw scan.unreadable("a variable as a conversion");
      }
      String access =
          switch (c) {
            case '0' -> "private";
            case '1' -> "protected";
            case '2' -> "public";
            default -> "";
          };
      return new Declared.Variable(name, access, types.ofVariable());
    }
    return function(name);
  }

  private Declared function(Qualified name) throws Unreadable {
    boolean externC = scan.skip("$$J0");
    char c = scan.next();
    if (c == '9') {
      return complete(name, "", 0, true, null, null);
    }
    if (c == 'Y' || c == 'Z') {
      return complete(name, "", 0, externC, types.function(false), null);
    }
    if (c == '$') {
      return displaced(name, externC);
    }
    if (c < 'A' || c > 'X') {
      throw scan.unreadable("an unknown kind of function");
    }
    // Eight letters for each access: plain, static, virtual and adjusted ones, near and far.
    String access = List.of("private", "protected", "public").get((c - 'A') / 8);
    int kind = (c - 'A') % 8 / 2;
    // The letters stand in the order plain, static, virtual, adjusted.
    return switch (kind) {
      case 0 -> complete(name, access, 0, externC, types.function(true), null);
      case 1 -> complete(name, access, STATIC, externC, types.function(false), null);
      case 2 -> complete(name, access, VIRTUAL, externC, types.function(true), null);
      default -> {
        List<Long> offset = List.of(scan.displacement() & LOW);
        Declared.Thunk thunk = new Declared.Thunk("adjustor", offset, "");
        yield complete(name, access, ADJUSTED, externC, types.function(true), thunk);
      }
    };
  }

  /** A thunk for a virtual base that moves with the class. */
  private Declared displaced(Qualified name, boolean externC) throws Unreadable {
    boolean extended = scan.skip("R");
    char c = scan.next();
    if (c < '0' || c > '5') {
      throw scan.unreadable("an unknown kind of thunk");
    }
    String access = List.of("private", "protected", "public").get((c - '0') / 2);
    List<Long> offsets =
        extended
            ? List.of(
                scan.displacement(), scan.displacement(), scan.displacement(), scan.displacement())
            : List.of(scan.displacement(), scan.displacement());
    Declared.Thunk thunk = new Declared.Thunk(extended ? "vtordispex" : "vtordisp", offsets, "");
    return complete(name, access, VIRTUAL, externC, types.function(true), thunk);
  }

  private Declared complete(
      Qualified name,
      String access,
      int kind,
      boolean externC,
      Type.@Nullable Function type,
      Declared.@Nullable Thunk thunk)
      throws Unreadable {
    Qualified named = name;
    if (name.own() instanceof Name.Conversion c) {
      if (type == null || type.result() == null) {
        throw scan.unreadable("a conversion to nothing");
      }
      named = name.with(new Name.Conversion(type.result(), c.arguments()));
    }
    return new Declared.Function(
        named, access, kind == STATIC, kind == VIRTUAL || kind == ADJUSTED, externC, type, thunk);
  }
}
