// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import org.jkd.target.LoadedModule;
import org.jspecify.annotations.Nullable;

/** {@code .reload [/f] [Module]}: forgets symbols, so that the current path is searched. */
final class ReloadCommand extends Command {
  private static final int DOTS_PER_LINE = 64;

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean now = false;
    while (arguments.peek() == '/') {
      now |= arguments.word().equals("/f");
    }
    String module = arguments.rest();
    Debuggee debuggee = session.debuggee();
    if (!module.isEmpty()) {
      LoadedModule found = named(debuggee, module);
      if (found == null) {
        throw new CommandException("\"" + module + "\" was not found in the image list.");
      }
      debuggee.reload(found);
      if (now) {
        debuggee.symbols().symbols(debuggee.identity(found));
      }
      return Lines.NONE;
    }
    debuggee.reload();
    if (now) {
      debuggee.target().modules().forEach(m -> debuggee.symbols().symbols(debuggee.identity(m)));
    }
    List<String> lines = new ArrayList<>();
    lines.add("Loading Kernel Symbols");
    dots(debuggee.target().modules().size(), lines);
    lines.add("Loading User Symbols");
    lines.add("Loading unloaded module list");
    dots(debuggee.target().unloadedModules().size(), lines);
    return new Lines(lines);
  }

  private static @Nullable LoadedModule named(Debuggee debuggee, String name) {
    LoadedModule found = debuggee.moduleNamed(name);
    for (LoadedModule m : debuggee.target().modules()) {
      if (found == null && m.imageName().equalsIgnoreCase(name)) {
        found = m;
      }
    }
    return found;
  }

  private static void dots(int count, List<String> lines) {
    for (int left = count; left > 0; left -= DOTS_PER_LINE) {
      lines.add(".".repeat(Math.min(left, DOTS_PER_LINE)));
    }
  }
}
