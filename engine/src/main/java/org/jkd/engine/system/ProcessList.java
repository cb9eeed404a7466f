// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.List;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.target.KernelProcess;

/**
 * Some processes.
 *
 * @param all true for the system's list, which has a title
 * @param problems lines that say what is missing
 */
record ProcessList(boolean all, List<Result> items, List<String> problems) implements Result {
  /** A thread below its process. */
  ProcessList(Nt nt, KernelProcess owner, ThreadReport thread) {
    this(false, List.of(new ProcessReport(nt, owner, 0), thread), List.of());
  }

  @Override
  public void text(TextOut out) {
    if (all) {
      out.line("**** NT ACTIVE PROCESS DUMP ****");
    }
    items.forEach(i -> i.text(out));
    problems.forEach(out::line);
  }

  @Override
  public void json(JsonOut out) {
    out.objects("processes", items, (o, i) -> i.json(o));
    if (!problems.isEmpty()) {
      out.texts("problems", problems);
    }
  }
}
