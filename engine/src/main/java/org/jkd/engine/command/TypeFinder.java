// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.SymbolSet;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.Type;

/** Finds types by the names that users type. */
final class TypeFinder {
  private TypeFinder() {}

  /**
   * A type and where it was found.
   *
   * @param name {@code nt!_KPCR}
   * @param address of the variable, if the name was that of one
   */
  record Found(String name, ModuleIdentity module, Types types, Type type, OptionalLong address) {}

  /**
   * A type by {@code module!name}, or by a name alone: then {@code nt} is asked first. An
   * underscore in front may be left out.
   *
   * @throws CommandException when no module has it
   */
  static Found find(Session session, String name) {
    return look(session, name)
        .or(() -> variable(session, name))
        .orElseThrow(() -> new CommandException("Symbol " + name + " not found."));
  }

  /** As {@link #find}, or empty when no module has it. */
  static Optional<Found> look(Session session, String name) {
    int bang = name.indexOf('!');
    String type = name.substring(bang + 1);
    for (ModuleIdentity module : candidates(session, bang < 0 ? "" : name.substring(0, bang))) {
      Types types = session.debuggee().symbols().symbols(module).types();
      Optional<Type> found = types.named(type);
      if (found.isEmpty() && !type.startsWith("_")) {
        found = types.named("_" + type);
      }
      if (found.isPresent()) {
        String shown = found.get() instanceof Types.StructRef ref ? ref.shown() : type;
        return Optional.of(
            new Found(
                module.name() + "!" + shown, module, types, found.get(), OptionalLong.empty()));
      }
    }
    return Optional.empty();
  }

  /** A variable of a module whose symbols say what type it has. */
  static Optional<Found> variable(Session session, String name) {
    int bang = name.indexOf('!');
    String plain = name.substring(bang + 1);
    for (ModuleIdentity module : candidates(session, bang < 0 ? "" : name.substring(0, bang))) {
      ModuleSymbols symbols = session.debuggee().symbols().symbols(module);
      Optional<ModuleSymbols.Data> data = symbols.data(plain);
      if (data.isPresent()) {
        return Optional.of(
            new Found(
                module.name() + "!" + plain,
                module,
                symbols.types(),
                data.get().type(),
                OptionalLong.of(session.arch().address(module.base() + data.get().rva()))));
      }
    }
    return Optional.empty();
  }

  private static List<ModuleIdentity> candidates(Session session, String moduleName) {
    SymbolSet symbols = session.debuggee().symbols();
    List<ModuleIdentity> candidates = new ArrayList<>();
    if (!moduleName.isEmpty()) {
      symbols.module(moduleName).ifPresent(candidates::add);
      return candidates;
    }
    symbols.module("nt").ifPresent(candidates::add);
    candidates.addAll(symbols.modules());
    return candidates;
  }
}
