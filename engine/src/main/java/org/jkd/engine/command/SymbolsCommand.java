// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.expr.NamePattern;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolSet;

/** {@code x [/0 /1 /2 /a /n /v /f /d /q …] Module!Pattern}: symbols by name. */
final class SymbolsCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    StringBuilder options = new StringBuilder();
    while (arguments.peek() == '/') {
      options.append(arguments.word().substring(1));
    }
    String pattern = arguments.rest();
    if (pattern.isEmpty()) {
      throw arguments.error(Kind.SYNTAX);
    }
    int bang = pattern.indexOf('!');
    NamePattern inModule = new NamePattern(bang < 0 ? "*" : pattern.substring(0, bang));
    String text = pattern.substring(bang + 1);
    NamePattern inName = new NamePattern(text);
    boolean decorated =
        text.indexOf('@') >= 0
            || text.startsWith("_")
            || text.startsWith("??")
            || !session.debuggee().symbols().undecorates();
    List<Found> found = new ArrayList<>();
    SymbolSet symbols = session.debuggee().symbols();
    List<ModuleIdentity> asked =
        symbols.modules().stream().filter(m -> inModule.matches(m.name())).toList();
    symbols.loadAll(asked);
    for (ModuleIdentity module : asked) {
      find(session, module, inName, decorated, options.toString(), found);
    }
    sort(found, options.toString());
    return new Symbols(session.arch(), found, form(options.toString()));
  }

  private static void find(
      Session session,
      ModuleIdentity module,
      NamePattern name,
      boolean decorated,
      String options,
      List<Found> found) {
    boolean functions = options.indexOf('f') >= 0;
    boolean data = options.indexOf('d') >= 0;
    SymbolSet set = session.debuggee().symbols();
    for (Symbol symbol : matching(set.symbols(module), name, decorated)) {
      boolean isCode = isCode(symbol);
      if ((!functions || isCode) && (!data || !isCode)) {
        found.add(
            new Found(
                module.base() + symbol.rva(), module.name() + "!" + set.shown(symbol), symbol));
      }
    }
  }

  /**
   * Symbols by their shown names, and by their decorated ones if the pattern looks like one of
   * those: in the decorated name of a function stand the names of its parameters' types.
   */
  private static List<Symbol> matching(ModuleSymbols symbols, NamePattern name, boolean decorated) {
    return decorated
        ? symbols.matching(s -> true).stream()
            .filter(s -> name.matches(s.name()) || name.matches(s.decorated()))
            .toList()
        : symbols.matching(name::matches);
  }

  private static boolean isCode(Symbol symbol) {
    return switch (symbol.kind()) {
      case PROCEDURE, THUNK, PUBLIC_CODE -> true;
      case DATA, PUBLIC, EXPORT -> false;
    };
  }

  private static void sort(List<Found> found, String options) {
    if (options.indexOf('n') >= 0 || options.indexOf('N') >= 0) {
      found.sort(Comparator.comparing(Found::name));
    } else {
      found.sort((a, b) -> Long.compareUnsigned(a.address(), b.address()));
    }
    if (options.indexOf('A') >= 0 || options.indexOf('N') >= 0) {
      Collections.reverse(found);
    }
  }

  private static char form(String options) {
    for (char c : new char[] {'0', '1', '2', 'v'}) {
      if (options.indexOf(c) >= 0) {
        return c;
      }
    }
    return ' ';
  }

  /** A symbol that matched. */
  record Found(long address, String name, Symbol symbol) {}

  /**
   * Symbols.
   *
   * @param form {@code 0} addresses, {@code 1} names, {@code 2} both, {@code v} with kind and size
   */
  record Symbols(Arch arch, List<Found> found, char form) implements Result {
    @Override
    public void text(TextOut out) {
      for (Found f : found) {
        String address = Hex.address(arch, f.address);
        switch (form) {
          case '0' -> out.line(address);
          case '1' -> out.line(f.name());
          case '2' -> out.line(address + " " + f.name());
          case 'v' -> out.line(kind(f.symbol) + " " + address + size(f) + " " + described(f));
          default -> out.line(address + " " + described(f));
        }
      }
    }

    private static String described(Found f) {
      return f.name()
          + switch (f.symbol.kind()) {
            case PROCEDURE, THUNK -> " (<no parameter info>)";
            case DATA, PUBLIC_CODE, PUBLIC, EXPORT -> " = <no type information>";
          };
    }

    private static String kind(Symbol symbol) {
      return switch (symbol.kind()) {
        case PROCEDURE -> "prv func  ";
        case THUNK -> "prv thunk ";
        case DATA -> "prv global";
        case PUBLIC_CODE, PUBLIC, EXPORT -> "pub global";
      };
    }

    private static String size(Found f) {
      return " " + Hex.right(f.symbol.size(), 4);
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "symbols",
          found,
          (o, f) ->
              o.address("address", f.address)
                  .text("name", f.name())
                  .text("kind", f.symbol.kind().name().toLowerCase(Locale.ROOT))
                  .number("size", f.symbol.size()));
    }
  }
}
