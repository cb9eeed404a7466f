// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
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
import org.jkd.symbols.Types;

/**
 * {@code x [/0 /1 /2 /a /n /v /f /d /t /s Size /q …] Module!Pattern}: symbols by name; functions
 * with the types of their parameters, variables with their values, as far as symbols are private.
 */
final class SymbolsCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    StringBuilder options = new StringBuilder();
    long size = -1;
    while (arguments.peek() == '/') {
      String word = arguments.word().substring(1);
      if (word.equals("s")) {
        size = arguments.expression();
      } else {
        options.append(word);
      }
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
    if (size >= 0) {
      long wanted = size;
      found.removeIf(f -> sizeOf(session, f) != wanted);
    }
    sort(found, options.toString());
    boolean typed = options.indexOf("t") >= 0;
    return new Symbols(
        session.arch(), found, form(options.toString()), typed, f -> described(session, f, typed));
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
                module.base() + symbol.rva(),
                module.name() + "!" + set.shown(symbol),
                symbol,
                module));
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
  record Found(long address, String name, Symbol symbol, ModuleIdentity module) {}

  private static Optional<Types.Type> dataType(Session session, Found f) {
    return f.symbol.kind() == Symbol.Kind.DATA
        ? session
            .debuggee()
            .symbols()
            .symbols(f.module)
            .data(f.symbol.name())
            .filter(d -> d.rva() == f.symbol.rva())
            .map(ModuleSymbols.Data::type)
        : Optional.empty();
  }

  /** Bytes of a function or variable; 0 where nothing tells. */
  private static long sizeOf(Session session, Found f) {
    return f.symbol.size() > 0
        ? f.symbol.size()
        : dataType(session, f).map(Types.Type::size).orElse(0L);
  }

  /** A symbol's name with what it is. */
  private static String described(Session session, Found f, boolean typed) {
    Optional<Types.Type> data = dataType(session, f);
    if (data.isPresent()) {
      String type = Types.spelled(data.get());
      String value =
          switch (data.get()) {
            case Types.StructRef _ -> type;
            case Types.Pointer _ ->
                session.memory().pointer(f.address).isPresent()
                    ? Hex.prefixed(session.arch(), session.memory().pointer(f.address).getAsLong())
                    : "0x" + "?".repeat(2 * session.arch().pointerSize());
            default ->
                new TypeValues(session, session.memory()).text(data.get(), f.address).strip();
          };
      return (typed ? type + " " : "") + f.name + " = " + value;
    }
    boolean function = f.symbol.kind() == Symbol.Kind.PROCEDURE;
    Optional<Types.FunctionType> known =
        function
            ? session.debuggee().symbols().symbols(f.module).functionType(f.symbol.rva())
            : Optional.empty();
    if (known.isPresent()) {
      String parameters =
          known.get().parameters().stream().map(Types::spelled).collect(joining(", "));
      String result =
          typed ? known.get().result().map(Types::spelled).map(r -> r + " ").orElse("") : "";
      return result + f.name + " (" + (parameters.isEmpty() ? "void" : parameters) + ")";
    }
    return f.name
        + switch (f.symbol.kind()) {
          case PROCEDURE, THUNK -> " (<no parameter info>)";
          case DATA, PUBLIC_CODE, PUBLIC, EXPORT -> " = <no type information>";
        };
  }

  /**
   * Symbols.
   *
   * @param typed true to show the type before the name
   * @param described a symbol's name with what it is
   * @param form {@code 0} addresses, {@code 1} names, {@code 2} both, {@code v} with kind and size
   */
  record Symbols(
      Arch arch, List<Found> found, char form, boolean typed, Function<Found, String> described)
      implements Result {
    @Override
    public void text(TextOut out) {
      for (Found f : found) {
        String address = Hex.address(arch, f.address);
        switch (form) {
          case '0' -> out.line(address);
          case '1' -> out.line(f.name());
          case '2' -> out.line(address + " " + f.name());
          case 'v' -> out.line(kind(f.symbol) + " " + address + size(f) + " " + described.apply(f));
          default -> out.line(address + " " + described.apply(f));
        }
      }
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
