// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.expr.Evaluator;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.NamePattern;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.StructType;

/**
 * {@code dt [-r[N]] [-b] [-v] [-y] [Module!]Type [Field ...] [Address]}: a structure's fields, with
 * their values when an address is given. A type with wildcards lists names.
 */
final class TypeCommand extends Command {
  private static final int ALL_LEVELS = 8;

  @Override
  public Result run(Arguments arguments, Session session) {
    TypeView.Options options = options(arguments);
    String name = arguments.word();
    if (name.isEmpty()) {
      throw arguments.error(ExpressionException.Kind.SYNTAX);
    }
    if (!new NamePattern(name).isLiteral()) {
      return list(session, name);
    }
    Home home = find(session, name);
    List<String> fields = new ArrayList<>();
    OptionalLong address = OptionalLong.empty();
    while (!arguments.atEnd()) {
      int at = arguments.position();
      String word = arguments.word();
      boolean isField = hasField(home.struct(), word);
      OptionalLong value = isField ? OptionalLong.empty() : value(arguments, at, session);
      if (value.isPresent()) {
        address = value;
      } else {
        fields.add(word);
      }
    }
    TypeView view = new TypeView(session, home.types(), options);
    TypeView.Shown shown = view.show(home.module().name(), home.struct(), fields, address);
    if (shown.rows().isEmpty() && !fields.isEmpty()) {
      throw new CommandException("Cannot find specified field members.");
    }
    return shown;
  }

  private static TypeView.Options options(Arguments arguments) {
    int levels = 0;
    boolean verbose = false;
    boolean prefix = false;
    while (arguments.peek() == '-') {
      String word = arguments.word();
      char c = word.length() > 1 ? word.charAt(1) : ' ';
      switch (c) {
        case 'r' -> levels = word.length() > 2 ? Character.digit(word.charAt(2), 10) : ALL_LEVELS;
        case 'b' -> levels = ALL_LEVELS;
        case 'v' -> verbose = true;
        case 'y' -> prefix = true;
        default -> {
          // -a -c -n -t and others change how much is printed, not what is found.
        }
      }
    }
    return new TypeView.Options(Math.max(0, levels), verbose, prefix);
  }

  /** Evaluates the word that starts at a place if it is an expression; else takes it as a word. */
  private static OptionalLong value(Arguments arguments, int at, Session session) {
    int after = arguments.position();
    Evaluator evaluator = new Evaluator(arguments.text(), at, session);
    try {
      long value = evaluator.expression();
      if (evaluator.position() >= after) {
        arguments.back(evaluator.position());
        return OptionalLong.of(session.arch().address(value));
      }
    } catch (ExpressionException e) {
      // No expression, so it must be the name of a field; if there is none, that is said.
      return OptionalLong.empty();
    }
    return OptionalLong.empty();
  }

  private static boolean hasField(StructType struct, String word) {
    String first = word.split("\\.", 2)[0];
    return struct.fields().stream().anyMatch(f -> f.name().equals(first));
  }

  /** A structure and where it was found. */
  private record Home(ModuleIdentity module, Types types, StructType struct) {}

  private static Home find(Session session, String name) {
    int bang = name.indexOf('!');
    String type = name.substring(bang + 1);
    var symbols = session.debuggee().symbols();
    List<ModuleIdentity> candidates = new ArrayList<>();
    if (bang >= 0) {
      symbols.module(name.substring(0, bang)).ifPresent(candidates::add);
    } else {
      symbols.module("nt").ifPresent(candidates::add);
      candidates.addAll(symbols.modules());
    }
    for (ModuleIdentity module : candidates) {
      Types types = symbols.symbols(module).types();
      Optional<StructType> struct = types.struct(type);
      if (struct.isEmpty() && !type.startsWith("_")) {
        struct = types.struct("_" + type);
      }
      if (struct.isPresent()) {
        return new Home(module, types, struct.get());
      }
    }
    throw new CommandException("Symbol " + name + " not found.");
  }

  private static Result list(Session session, String pattern) {
    int bang = pattern.indexOf('!');
    NamePattern inModule = new NamePattern(bang < 0 ? "nt" : pattern.substring(0, bang));
    NamePattern inName = new NamePattern(pattern.substring(bang + 1));
    List<String> lines = new ArrayList<>();
    for (ModuleIdentity module : session.debuggee().symbols().modules()) {
      if (inModule.matches(module.name())) {
        Types types = session.debuggee().symbols().symbols(module).types();
        for (String name : types.names(inName::matches)) {
          lines.add("          " + module.name() + "!" + name);
        }
      }
    }
    return new Lines(lines);
  }
}
