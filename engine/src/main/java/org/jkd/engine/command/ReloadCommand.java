// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.Evaluator;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.expr.NamePattern;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;
import org.jkd.symbols.LoadOptions;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.store.Stores;
import org.jkd.target.LoadedModule;
import org.jkd.target.UnloadedModule;
import org.jkd.target.UserTarget;

/**
 * {@code .reload [/f] [/i] [/l] [/n] [/u] [/unl] [/user] [/v] [/w]
 * [Module[=Address[,Size[,Timestamp]]]]}: forgets symbols, so that the current path is searched;
 * with {@code /f} at once, asking servers again for what they did not have, with {@code /i} taking
 * PDBs that do not match. {@code /l} only lists the modules, {@code /unl} adds those that were
 * unloaded.
 */
final class ReloadCommand extends Command {
  private static final int DOTS_PER_LINE = 64;
  private static final int NAME_COLUMN = 23;

  /** What a module that is added by hand covers when nothing says how large it is. */
  private static final long UNKNOWN_SIZE = 0x10000;

  @Override
  public Result run(Arguments arguments, Session session) {
    StringBuilder options = new StringBuilder();
    while (arguments.peek() == '/' || arguments.peek() == '-') {
      String option = arguments.word().substring(1).toLowerCase(Locale.ROOT);
      // Words have capital letters of their own, so that the letters of /u are not seen in them.
      options.append(option.equals("user") ? "U" : option.equals("unl") ? "X" : option);
    }
    for (int i = 0; i < options.length(); i++) {
      if ("dfilnosuvwpUX".indexOf(options.charAt(i)) < 0) {
        throw arguments.error(Kind.SYNTAX);
      }
    }
    String module = arguments.rest();
    boolean mismatched = options.indexOf("i") >= 0;
    boolean now = mismatched || options.indexOf("f") >= 0;
    Debuggee debuggee = session.debuggee();
    if (options.indexOf("l") >= 0) {
      return ModulesCommand.list(new ModuleOptions("lm", session), session);
    }
    if (options.indexOf("u") >= 0) {
      return unload(module, options.indexOf("w") >= 0, debuggee);
    }
    if (options.indexOf("X") >= 0) {
      return unloaded(module, session);
    }
    LoadOptions how =
        new LoadOptions(
            debuggee.symbolOptions().has(SymbolOptions.PUBLICS_ONLY),
            mismatched || debuggee.symbolOptions().has(SymbolOptions.LOAD_ANYTHING),
            Stores.Ask.AGAIN);
    if (!module.isEmpty()) {
      return one(module, now, options.indexOf("w") >= 0, how, session);
    }
    boolean kernelOnly = options.indexOf("n") >= 0;
    boolean userOnly = options.indexOf("U") >= 0;
    List<LoadedModule> chosen = debuggee.modules();
    if (kernelOnly || userOnly) {
      chosen = chosen.stream().filter(m -> isKernel(m, session) != userOnly).toList();
      chosen.forEach(debuggee::reload);
    } else {
      debuggee.reload();
      chosen = debuggee.modules();
    }
    List<String> lines = summary(session, options.indexOf("v") >= 0, kernelOnly, userOnly);
    if (now) {
      debuggee.symbols().loadAll(chosen.stream().map(debuggee::identity).toList(), how);
      lines.addAll(failures(chosen, debuggee));
    }
    return new Lines(lines);
  }

  /** What kd says when symbols that were asked for are not there, with every place as the error. */
  private static List<String> failures(List<LoadedModule> wanted, Debuggee debuggee) {
    List<String> lines = new ArrayList<>();
    for (LoadedModule m : wanted) {
      ModuleIdentity identity = debuggee.identity(m);
      SymbolStatus status = debuggee.symbols().status(identity);
      if (status == SymbolStatus.NONE || status == SymbolStatus.EXPORT) {
        lines.add(Text.left(m.name(), NAME_COLUMN) + debuggee.symbols().summary(identity));
      }
    }
    if (!lines.isEmpty()) {
      lines.addFirst(Text.left("Module name", NAME_COLUMN) + "Error");
      lines.addFirst("************* Symbol Loading Error Summary **************");
      lines.addFirst("");
    }
    return lines;
  }

  /** Where the systems of the target have their kernel: the upper half, of whatever size. */
  private static boolean isKernel(LoadedModule module, Session session) {
    return !(session.target() instanceof UserTarget)
        && (session.arch() == Arch.X86 ? module.base() >= 0x8000_0000L : module.base() < 0);
  }

  private static List<String> summary(
      Session session, boolean verbose, boolean kernelOnly, boolean userOnly) {
    List<String> lines = new ArrayList<>();
    if (session.target() instanceof UserTarget) {
      modules(session.target().modules(), session, verbose, lines);
      return lines;
    }
    if (!userOnly) {
      lines.add("Loading Kernel Symbols");
      modules(session.target().modules(), session, verbose, lines);
    }
    if (!kernelOnly) {
      lines.add("Loading User Symbols");
    }
    if (!userOnly) {
      lines.add("Loading unloaded module list");
      dots(session.target().unloadedModules().size(), lines);
    }
    return lines;
  }

  private static void modules(
      List<LoadedModule> modules, Session session, boolean verbose, List<String> lines) {
    if (!verbose) {
      dots(modules.size(), lines);
      return;
    }
    for (LoadedModule m : modules) {
      lines.add("AddImage: " + m.imagePath());
      lines.add(" DllBase  = " + Hex.address(session.arch(), m.base()));
      lines.add(" Size     = " + Hex.pad(m.size(), 8));
      lines.add(" Checksum = " + Hex.pad(m.checksum(), 8));
      lines.add(" TimeDateStamp = " + Hex.pad(m.timestamp(), 8));
    }
  }

  /** {@code .reload /unl [Module]}: modules that were unloaded, where nothing else lies now. */
  private static Result unloaded(String name, Session session) {
    Debuggee debuggee = session.debuggee();
    NamePattern pattern = new NamePattern(name.isEmpty() ? "*" : name);
    boolean some = false;
    for (UnloadedModule u : session.target().unloadedModules()) {
      boolean free =
          debuggee.modules().stream()
              .noneMatch(m -> m.contains(u.start()) || u.start() <= m.base() && m.base() < u.end());
      int dot = u.name().lastIndexOf('.');
      String plain = dot <= 0 ? u.name() : u.name().substring(0, dot);
      if (pattern.matches(u.name()) || pattern.matches(plain)) {
        some = true;
        if (free) {
          debuggee.add(
              new LoadedModule(plain, u.name(), u.name(), u.start(), u.end() - u.start(), 0, 0));
        }
      }
    }
    if (!some) {
      throw new CommandException("\"" + name + "\" was not found in the unloaded module list.");
    }
    return Lines.NONE;
  }

  private static Result one(
      String text, boolean now, boolean literal, LoadOptions how, Session session) {
    Debuggee debuggee = session.debuggee();
    int equals = text.indexOf('=');
    if (equals >= 0) {
      LoadedModule module = described(text, equals, session);
      debuggee.add(module);
      return now ? loaded(List.of(module), how, debuggee) : Lines.NONE;
    }
    List<LoadedModule> modules = named(debuggee, text, literal);
    modules.forEach(debuggee::reload);
    return now ? loaded(modules, how, debuggee) : Lines.NONE;
  }

  private static Result loaded(List<LoadedModule> modules, LoadOptions how, Debuggee debuggee) {
    modules.forEach(m -> debuggee.load(m, how));
    return new Lines(failures(modules, debuggee));
  }

  private static Result unload(String name, boolean literal, Debuggee debuggee) {
    if (name.isEmpty()) {
      throw new CommandException(".reload /u needs a module");
    }
    List<String> lines = new ArrayList<>();
    for (LoadedModule m : named(debuggee, name, literal)) {
      debuggee.remove(m);
      lines.add("Unloaded " + m.imageName());
    }
    return new Lines(lines);
  }

  /** {@code name=address[,size[,timestamp]]}: a module that the target does not list any more. */
  private static LoadedModule described(String text, int equals, Session session) {
    String imageName = text.substring(0, equals).strip();
    List<Long> numbers = new ArrayList<>();
    int at = equals + 1;
    while (at <= text.length() && numbers.size() < 3) {
      Evaluator evaluator = new Evaluator(text, at, session);
      numbers.add(evaluator.expression());
      at = evaluator.position() + 1;
    }
    long base = session.arch().address(numbers.getFirst());
    LoadedModule known = session.debuggee().moduleAt(base).orElse(null);
    long size =
        numbers.size() > 1
            ? numbers.get(1) & 0xffff_ffffL
            : known != null && known.base() == base ? known.size() : UNKNOWN_SIZE;
    long timestamp =
        numbers.size() > 2
            ? numbers.get(2) & 0xffff_ffffL
            : known != null && known.base() == base ? known.timestamp() : 0;
    int dot = imageName.lastIndexOf('.');
    String name = dot <= 0 ? imageName : imageName.substring(0, dot);
    return new LoadedModule(name, imageName, imageName, base, size, timestamp, 0);
  }

  private static List<LoadedModule> named(Debuggee debuggee, String name, boolean literal) {
    NamePattern pattern = new NamePattern(name);
    List<LoadedModule> found =
        debuggee.modules().stream()
            .filter(m ->
                literal
                    ? m.name().equalsIgnoreCase(name) || m.imageName().equalsIgnoreCase(name)
                    : pattern.matches(m.name()) || pattern.matches(m.imageName()))
            .toList();
    if (found.isEmpty()) {
      throw new CommandException("\"" + name + "\" was not found in the image list.");
    }
    return found;
  }

  private static void dots(int count, List<String> lines) {
    for (int left = count; left > 0; left -= DOTS_PER_LINE) {
      lines.add(".".repeat(Math.min(left, DOTS_PER_LINE)));
    }
  }
}
