// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jkd.engine.expr.Evaluator;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.expr.NamePattern;
import org.jkd.engine.render.Text;
import org.jkd.symbols.LoadOptions;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.store.Stores;
import org.jkd.target.LoadedModule;
import org.jkd.target.UserTarget;

/**
 * {@code .reload [/f] [/i] [/n] [/u] [Module[=Address[,Size[,Timestamp]]]]}: forgets symbols, so
 * that the current path is searched; with {@code /f} at once, asking servers again for what they
 * did not have, with {@code /i} taking PDBs that do not match.
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
      // Words: /user and /unl change nothing in a dump, the letters of /u must not be seen in them.
      options.append(option.equals("user") || option.equals("unl") ? "" : option);
    }
    for (int i = 0; i < options.length(); i++) {
      if ("dfilnosuvwp".indexOf(options.charAt(i)) < 0) {
        throw arguments.error(Kind.SYNTAX);
      }
    }
    String module = arguments.rest();
    boolean mismatched = options.indexOf("i") >= 0;
    boolean now = mismatched || options.indexOf("f") >= 0;
    Debuggee debuggee = session.debuggee();
    if (options.indexOf("u") >= 0) {
      return unload(module, debuggee);
    }
    LoadOptions how =
        new LoadOptions(
            debuggee.symbolOptions().has(SymbolOptions.PUBLICS_ONLY),
            mismatched || debuggee.symbolOptions().has(SymbolOptions.LOAD_ANYTHING),
            Stores.Ask.AGAIN);
    if (!module.isEmpty()) {
      return one(module, now, how, session);
    }
    debuggee.reload();
    List<String> lines = summary(session);
    if (now) {
      debuggee.symbols().loadAll(debuggee.symbols().modules(), how);
      lines.addAll(failures(debuggee.modules(), debuggee));
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

  private static List<String> summary(Session session) {
    List<String> lines = new ArrayList<>();
    if (session.target() instanceof UserTarget) {
      dots(session.target().modules().size(), lines);
      return lines;
    }
    lines.add("Loading Kernel Symbols");
    dots(session.target().modules().size(), lines);
    lines.add("Loading User Symbols");
    lines.add("Loading unloaded module list");
    dots(session.target().unloadedModules().size(), lines);
    return lines;
  }

  private static Result one(String text, boolean now, LoadOptions how, Session session) {
    Debuggee debuggee = session.debuggee();
    int equals = text.indexOf('=');
    if (equals >= 0) {
      LoadedModule module = described(text, equals, session);
      debuggee.add(module);
      return now ? loaded(List.of(module), how, debuggee) : Lines.NONE;
    }
    List<LoadedModule> modules = named(debuggee, text);
    modules.forEach(debuggee::reload);
    return now ? loaded(modules, how, debuggee) : Lines.NONE;
  }

  private static Result loaded(List<LoadedModule> modules, LoadOptions how, Debuggee debuggee) {
    modules.forEach(m -> debuggee.load(m, how));
    return new Lines(failures(modules, debuggee));
  }

  private static Result unload(String name, Debuggee debuggee) {
    if (name.isEmpty()) {
      throw new CommandException(".reload /u needs a module");
    }
    List<String> lines = new ArrayList<>();
    for (LoadedModule m : named(debuggee, name)) {
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

  private static List<LoadedModule> named(Debuggee debuggee, String name) {
    NamePattern pattern = new NamePattern(name);
    List<LoadedModule> found =
        debuggee.modules().stream()
            .filter(m -> pattern.matches(m.name()) || pattern.matches(m.imageName()))
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
