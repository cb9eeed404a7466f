// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;

/** {@code !thread [-p] [-t] [Thread [Flags]]}: a thread with its stack. */
public final class ThreadCommand extends SystemCommand {
  private static final long DEFAULT = 6;

  @Override
  Result run(Arguments arguments, Nt nt) {
    boolean withProcess = arguments.eatWord("-p");
    boolean byId = arguments.eatWord("-t");
    withProcess |= arguments.eatWord("-p");
    long flags = DEFAULT;
    KernelThread thread;
    if (arguments.atEnd()) {
      thread = current(nt);
    } else {
      long address = arguments.expression();
      thread =
          byId
              ? withId(nt, address)
              : address == -1 || address == 0 ? current(nt) : at(nt, nt.arch().address(address));
      flags = arguments.atEnd() ? DEFAULT : arguments.expression();
      arguments.end();
    }
    ThreadReport report = new ThreadReport(nt, thread, ThreadReport.Detail.ofThread(flags));
    if (!withProcess || thread.process().isEmpty()) {
      return report;
    }
    KernelProcess owner = nt.kernel().process(thread.process().getAsLong());
    return new ProcessList(nt, owner, report);
  }

  private static KernelThread at(Nt nt, long address) {
    DispatcherType.THREAD.check(nt, address);
    return nt.kernel().thread(address);
  }

  private static KernelThread current(Nt nt) {
    return nt.session()
        .thread()
        .orElseThrow(() -> new CommandException("Unable to get current thread"));
  }

  private static KernelThread withId(Nt nt, long id) {
    for (KernelProcess process : nt.kernel().processes()) {
      for (KernelThread thread : nt.kernel().threads(process)) {
        if (thread.threadId().equals(OptionalLong.of(id))) {
          return thread;
        }
      }
    }
    throw new CommandException("No thread has the id " + Long.toHexString(id));
  }
}
