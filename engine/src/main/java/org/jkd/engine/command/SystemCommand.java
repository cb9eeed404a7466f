// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.target.KernelTarget;
import org.jkd.target.SystemInfo;
import org.jkd.target.UserTarget;

/** {@code vertarget version .time}. */
final class SystemCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.end();
    if (session.target() instanceof UserTarget user) {
      return user(arguments.name(), user, session);
    }
    KernelTarget kernel = session.kernel();
    List<String> lines = new ArrayList<>();
    if (arguments.name().equals(".time")) {
      lines.addAll(SystemLines.times(kernel.system()));
    } else {
      lines.addAll(SystemLines.of(kernel));
    }
    if (arguments.name().equals("version")) {
      lines.add("");
      lines.add("jkd, dump file: " + session.debuggee().file());
      lines.add(kernel.dump().kind());
    }
    return new SystemText(kernel.system(), lines);
  }

  /** The same of the system on which a minidump was written. */
  private static Result user(String name, UserTarget user, Session session) {
    List<String> lines = new ArrayList<>();
    if (!name.equals(".time")) {
      lines.addAll(SystemLines.of(user.dump()));
    }
    lines.addAll(SystemLines.times(user.dump()));
    if (name.equals("version")) {
      lines.add("");
      lines.add("jkd, dump file: " + session.debuggee().file());
      lines.add("User Mini Dump File");
    }
    return new Lines(lines);
  }

  /** The system in the dump. */
  record SystemText(SystemInfo system, List<String> lines) implements Result {
    @Override
    public void text(TextOut out) {
      lines.forEach(out::line);
    }

    @Override
    public void json(JsonOut out) {
      out.text("arch", system.arch().name().toLowerCase(Locale.ROOT));
      out.number("build", system.build()).number("processors", system.processors());
      out.flag("checked", system.checked());
      system.buildLab().ifPresent(lab -> out.text("buildLab", lab));
      system.servicePack().ifPresent(pack -> out.text("servicePack", pack));
      if (system.kernelBase().isPresent()) {
        out.address("kernelBase", system.kernelBase().getAsLong());
      }
      if (system.loadedModuleList().isPresent()) {
        out.address("loadedModuleList", system.loadedModuleList().getAsLong());
      }
      out.texts("text", lines);
    }
  }
}
