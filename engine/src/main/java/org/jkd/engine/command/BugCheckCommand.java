// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.target.BugCheck;

/** {@code .bugcheck}: why the system stopped. */
final class BugCheckCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.end();
    return new Stop(session.arch(), session.kernel().bugCheck());
  }

  /** A bug check. */
  record Stop(Arch arch, BugCheck bugCheck) implements Result {
    @Override
    public void text(TextOut out) {
      out.line("Bugcheck code " + Hex.pad(bugCheck.plainCode(), 8));
      StringBuilder line = new StringBuilder("Arguments");
      for (long parameter : bugCheck.parameters()) {
        line.append(' ').append(Hex.address(arch, parameter));
      }
      out.line(line.toString());
    }

    @Override
    public void json(JsonOut out) {
      out.address("code", bugCheck.plainCode());
      for (int i = 1; i <= bugCheck.parameters().size(); i++) {
        out.address("parameter" + i, bugCheck.parameter(i));
      }
    }
  }
}
