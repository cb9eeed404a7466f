// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Session;
import org.jkd.engine.command.SystemLines;
import org.jkd.target.BugCheck;
import org.jkd.target.KernelTarget;
import org.jspecify.annotations.Nullable;

/** What kd prints when it has opened a dump, before the first prompt. */
final class Banner {
  private static final int DOTS_PER_LINE = 64;

  private final Session session;

  Banner(Session session) {
    this.session = session;
  }

  List<String> text() {
    Debuggee debuggee = session.debuggee();
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("jkd " + Main.versionText() + ", a debugger for Windows crash dumps");
    lines.add("");
    lines.add("Loading Dump File [" + debuggee.file() + "]");
    @Nullable KernelTarget kernel = debuggee.target() instanceof KernelTarget k ? k : null;
    if (kernel != null) {
      lines.add(kernel.dump().kind());
    }
    lines.add("");
    lines.add("Symbol search path is: " + debuggee.symbolPath());
    lines.add("Executable search path is: " + debuggee.imagePath());
    if (kernel != null) {
      lines.addAll(SystemLines.of(kernel));
      lines.add("Loading Kernel Symbols");
      dots(kernel.modules().size(), lines);
      lines.add("Loading User Symbols");
      lines.add("");
      lines.add("Loading unloaded module list");
      dots(kernel.unloadedModules().size(), lines);
      lines.addAll(bugCheck(kernel));
    }
    return lines;
  }

  private static void dots(int count, List<String> lines) {
    for (int left = count; left > 0; left -= DOTS_PER_LINE) {
      lines.add(".".repeat(Math.min(left, DOTS_PER_LINE)));
    }
  }

  private static List<String> bugCheck(KernelTarget kernel) {
    BugCheck bugCheck = kernel.bugCheck();
    StringBuilder text = new StringBuilder("BugCheck ");
    text.append(Long.toHexString(bugCheck.plainCode()).toUpperCase(Locale.ROOT));
    text.append(", {");
    for (int i = 1; i <= bugCheck.parameters().size(); i++) {
      text.append(i > 1 ? ", " : "").append(Long.toHexString(bugCheck.parameter(i)));
    }
    text.append('}');
    return List.of(
        "*".repeat(79),
        "*" + " ".repeat(77) + "*",
        "*" + " ".repeat(24) + "Bugcheck Analysis" + " ".repeat(36) + "*",
        "*" + " ".repeat(77) + "*",
        "*".repeat(79),
        "",
        text.toString(),
        "");
  }
}
