// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jkd.pe.PeImage;
import org.jkd.symbols.SymbolStatus;
import org.jkd.target.LoadedModule;
import org.jkd.target.UnloadedModule;

/** {@code lm} in all its variants. */
final class ModulesCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    return list(new ModuleOptions(arguments.text(), session), session);
  }

  /** The modules that pass. */
  static ModuleList list(ModuleOptions options, Session session) {
    List<ModuleList.Row> rows = new ArrayList<>();
    for (LoadedModule module : session.debuggee().modules()) {
      SymbolStatus status =
          session.debuggee().symbols().status(session.debuggee().identity(module));
      if (matches(module, status, options)) {
        rows.add(row(module, status, session, options.verbose));
      }
    }
    rows.sort(
        options.sortByName
            ? Comparator.comparing(r -> r.module().name(), String.CASE_INSENSITIVE_ORDER)
            : (a, b) -> Long.compareUnsigned(a.module().base(), b.module().base()));
    List<UnloadedModule> unloaded = new ArrayList<>();
    boolean some = options.loadedSymbolsOnly || options.problemsOnly;
    if (!options.loadedOnly && !some && !options.userOnly) {
      for (UnloadedModule module : session.target().unloadedModules()) {
        if (matches(module, options)) {
          unloaded.add(module);
        }
      }
    }
    return new ModuleList(
        session.arch(), rows, unloaded, options.verbose, options.namesOnly, options.column);
  }

  private static ModuleList.Row row(
      LoadedModule module, SymbolStatus status, Session session, boolean verbose) {
    Debuggee debuggee = session.debuggee();
    String file =
        status == SymbolStatus.DEFERRED
            ? ""
            : debuggee
                .symbols()
                .symbols(debuggee.identity(module))
                .file()
                .map(Object::toString)
                .orElse("");
    Optional<PeImage> image = verbose ? debuggee.image(module) : Optional.empty();
    boolean inVain = status == SymbolStatus.NONE || status == SymbolStatus.EXPORT;
    String search = verbose && inVain ? debuggee.symbols().summary(debuggee.identity(module)) : "";
    return new ModuleList.Row(module, status, file, search, image);
  }

  private static boolean matches(LoadedModule module, SymbolStatus status, ModuleOptions options) {
    if (options.userOnly) {
      return false;
    }
    if (options.loadedSymbolsOnly && status == SymbolStatus.DEFERRED) {
      return false;
    }
    if (options.problemsOnly && status != SymbolStatus.NONE && status != SymbolStatus.EXPORT) {
      return false;
    }
    if (options.pattern != null && !options.pattern.matches(module.name())) {
      return false;
    }
    if (options.pathPattern != null && !options.pathPattern.matches(module.imagePath())) {
      return false;
    }
    return options.address.isEmpty() || module.contains(options.address.getAsLong());
  }

  private static boolean matches(UnloadedModule module, ModuleOptions options) {
    if (options.pathPattern != null) {
      return false;
    }
    if (options.pattern != null && !options.pattern.matches(module.name())) {
      return false;
    }
    if (options.address.isEmpty()) {
      return true;
    }
    long offset = options.address.getAsLong() - module.start();
    return Long.compareUnsigned(offset, module.end() - module.start()) < 0;
  }
}
