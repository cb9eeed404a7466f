// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.image.LinkWalk;
import org.jkd.target.KernelThread;
import org.jkd.target.Processor;

/** {@code !ready [Flags]}: the threads that could run, by processor and priority. */
public final class ReadyCommand extends SystemCommand {
  private static final int PRIORITIES = 32;
  private static final String HEADS = "DispatcherReadyListHead";

  @Override
  Result run(Arguments arguments, Nt nt) {
    long flags = arguments.atEnd() ? 0 : arguments.expression();
    arguments.end();
    List<String> lines = new ArrayList<>();
    List<ThreadReport> found = new ArrayList<>();
    OptionalLong link = nt.structures().offset("_KTHREAD", "WaitListEntry");
    if (link.isEmpty()) {
      nt.structures().needed("_KTHREAD", "WaitListEntry");
    }
    boolean any = false;
    if (nt.structures().offset("_KPRCB", HEADS).isPresent()) {
      for (Processor p : nt.kernel().processors()) {
        if (p.prcb().isPresent()) {
          long heads = nt.at("_KPRCB", p.prcb().getAsLong()).place(HEADS);
          queue(nt, "Processor " + p.number(), heads, flags, lines, found);
          any = true;
        }
      }
    } else {
      // Before Windows Server 2003 one set of queues served all processors.
      queue(nt, "System", nt.needed("KiDispatcherReadyListHead"), flags, lines, found);
      any = true;
    }
    if (!any) {
      throw new CommandException("The dump tells of no processor where its control block is");
    }
    return new Answer(lines, o -> o.objects("threads", found, (j, t) -> t.json(j)));
  }

  private static void queue(
      Nt nt, String owner, long heads, long flags, List<String> lines, List<ThreadReport> found) {
    long link = nt.structures().needed("_KTHREAD", "WaitListEntry");
    int before = lines.size();
    for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
      long head = heads + 2L * nt.pointerSize() * priority;
      if (nt.memory().pointer(head).orElse(0) == 0) {
        continue; // not in the dump, or never set up
      }
      LinkWalk walk = nt.list(head);
      if (!walk.entries().isEmpty()) {
        lines.add(owner + ": Ready Threads at priority " + priority);
      }
      for (long entry : walk.entries()) {
        KernelThread thread = nt.kernel().thread(nt.arch().address(entry - link));
        ThreadReport report = new ThreadReport(nt, thread, ThreadReport.Detail.of(flags));
        lines.add("    " + report.head());
        found.add(report);
      }
      nt.problem(walk).ifPresent(lines::add);
    }
    if (lines.size() == before) {
      lines.add(owner + ": No threads in READY state");
    }
  }
}
