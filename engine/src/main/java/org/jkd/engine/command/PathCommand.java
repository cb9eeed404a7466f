// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;

/** {@code .sympath[+] .exepath[+] .symfix .reload}: where symbols and images are looked for. */
final class PathCommand extends Command {
  @Override
  public boolean takesWholeLine() {
    return true;
  }

  @Override
  public Result run(Arguments arguments, Session session) {
    Debuggee debuggee = session.debuggee();
    String name = arguments.name();
    String value = arguments.rest();
    boolean adds = name.endsWith("+");
    if (name.startsWith(".exepath")) {
      if (!value.isEmpty()) {
        String path = adds ? joined(debuggee.imagePath(), value) : value;
        debuggee.setPaths(debuggee.symbolPath(), path);
      }
      return Lines.of("Executable image search path is: " + debuggee.imagePath());
    }
    if (!value.isEmpty()) {
      String path = adds ? joined(debuggee.symbolPath(), value) : value;
      debuggee.setPaths(path, debuggee.imagePath());
    }
    List<String> lines = new ArrayList<>();
    lines.add("Symbol search path is: " + debuggee.symbolPath());
    lines.add("Expanded Symbol search path is: " + debuggee.symbolPath());
    return new Lines(lines);
  }

  private static String joined(String before, String more) {
    return before.isEmpty() ? more : before + ";" + more;
  }
}
