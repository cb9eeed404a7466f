// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jkd.engine.render.Text;
import org.jkd.symbols.SymbolPath;

/** {@code .sympath[+] .exepath[+] .symfix[+]}: where symbols and images are looked for. */
final class PathCommand extends Command {
  private static final int TIME_COLUMN = 33;
  private static final int PLACE_COLUMN = 47;

  /**
   * A path may hold semicolons; {@code .sympath; .reload} and {@code .symfix c:\cache; .reload} do
   * not.
   */
  @Override
  boolean takesWholeLine(String text) {
    int end = 0;
    while (end < text.length() && text.charAt(end) != ' ' && text.charAt(end) != ';') {
      end++;
    }
    return !text.startsWith(".symfix") && !text.substring(end).strip().startsWith(";");
  }

  @Override
  public Result run(Arguments arguments, Session session) {
    Debuggee debuggee = session.debuggee();
    String name = arguments.name();
    String value = arguments.rest();
    boolean adds = name.endsWith("+");
    if (name.startsWith(".symfix")) {
      String path = value.isEmpty() ? "srv*" : "srv*" + value + "*" + SymbolPath.MICROSOFT;
      setSymbols(debuggee, path, adds);
      return Lines.NONE;
    }
    List<String> lines = new ArrayList<>();
    if (name.startsWith(".exepath")) {
      if (!value.isEmpty()) {
        String path = adds ? joined(debuggee.imagePath(), value) : value;
        debuggee.setPaths(debuggee.symbolPath(), path);
      }
      lines.add("Executable image search path is: " + shown(debuggee.imagePath()));
      lines.add(
          "Expanded Executable image search path is: " + SymbolPath.expanded(debuggee.imagePath()));
    } else {
      if (!value.isEmpty()) {
        setSymbols(debuggee, value, adds);
      }
      lines.add("Symbol search path is: " + shown(debuggee.symbolPath()));
      lines.add("Expanded Symbol search path is: " + SymbolPath.expanded(debuggee.symbolPath()));
    }
    if (!value.isEmpty()) {
      validate(name.startsWith(".exepath") ? debuggee.imagePath() : debuggee.symbolPath(), lines);
    }
    return new Lines(lines);
  }

  private static void setSymbols(Debuggee debuggee, String path, boolean adds) {
    debuggee.setPaths(adds ? joined(debuggee.symbolPath(), path) : path, debuggee.imagePath());
  }

  private static String shown(String path) {
    return path.isEmpty() ? "<empty>" : path;
  }

  /** Says of each place whether it is there; servers are not asked for that. */
  private static void validate(String path, List<String> lines) {
    lines.add("");
    lines.add("************* Path validation summary **************");
    lines.add(
        Text.left(Text.left("Response", TIME_COLUMN) + "Time (ms)", PLACE_COLUMN) + "Location");
    for (String part : path.split(";", -1)) {
      String place = part.strip();
      for (SymbolPath.Element e : SymbolPath.parse(place).elements()) {
        lines.add(Text.left(response(e), PLACE_COLUMN) + place);
      }
    }
  }

  private static String response(SymbolPath.Element element) {
    return switch (element) {
      case SymbolPath.Folder(Path folder) -> Files.isDirectory(folder) ? "OK" : "Error";
      case SymbolPath.Store s -> "Deferred";
      case SymbolPath.Unreachable u -> "Error: " + u.reason();
    };
  }

  private static String joined(String before, String more) {
    return before.isEmpty() ? more : before + ";" + more;
  }
}
