// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;
import org.jkd.target.Listed;
import org.jkd.target.Processor;

/**
 * {@code !process [/s Session] [/m Module] [Process [Flags [ImageName]]]}: processes with their
 * threads. {@code Process} is an address, a process id, 0 for all or -1 for the current one.
 */
public final class ProcessCommand extends SystemCommand {
  private static final long DEFAULT = 3;
  private static final long DEFAULT_OF_ONE = 0xf;

  /** Numbers below this are ids: no process object can be there. */
  private static final long LOWEST_OBJECT = 0x10_0000;

  @Override
  Result run(Arguments arguments, Nt nt) {
    String session = "";
    String module = "";
    while (arguments.peek() == '/') {
      if (arguments.eatWord("/s")) {
        session = arguments.word();
      } else if (arguments.eatWord("/m")) {
        module = arguments.word();
      } else {
        throw arguments.error(Kind.SYNTAX);
      }
    }
    if (arguments.atEnd()) {
      return session.isEmpty() && module.isEmpty()
          ? one(nt, current(nt), DEFAULT)
          : all(nt, 0, new Filter("", session, module));
    }
    long wanted = arguments.expression();
    boolean plain = wanted == 0 || wanted == -1;
    long flags = plain ? DEFAULT : DEFAULT_OF_ONE;
    if (!arguments.atEnd()) {
      flags = arguments.expression();
    }
    String image = arguments.word();
    arguments.end();
    if (wanted == 0) {
      return all(nt, flags, new Filter(image, session, module));
    }
    if (wanted == -1) {
      return one(nt, current(nt), flags);
    }
    return one(nt, byAddressOrId(nt, wanted), flags);
  }

  private static KernelProcess current(Nt nt) {
    return nt.session()
        .process()
        .orElseThrow(() -> new CommandException("Unable to get current process"));
  }

  private static Result one(Nt nt, KernelProcess process, long flags) {
    return new ProcessList(false, List.of(new ProcessReport(nt, process, flags)), List.of());
  }

  /**
   * The process at an address, or with an id.
   *
   * @throws CommandException if no process has the id
   */
  static KernelProcess byAddressOrId(Nt nt, long wanted) {
    long address = nt.arch().address(wanted);
    if (Long.compareUnsigned(address, LOWEST_OBJECT) >= 0) {
      DispatcherType.PROCESS.check(nt, address);
      return nt.kernel().process(address);
    }
    Found found = find(nt);
    for (KernelProcess process : found.processes()) {
      if (process.processId().equals(OptionalLong.of(address))) {
        return process;
      }
    }
    found.problems().addFirst("Process with id " + Long.toHexString(address) + " not found");
    throw new CommandException(String.join("\n", found.problems()));
  }

  /**
   * Which processes are shown; what is empty lets all pass.
   *
   * @param image the name that the process keeps of its image
   * @param session a number of a session, in decimal
   * @param module one that the process has loaded, without its extension
   */
  private record Filter(String image, String session, String module) {
    boolean passes(Nt nt, KernelProcess process, ProcessReport report) {
      return (image.isEmpty() || matches(process.imageName(), image))
          && (session.isEmpty() || report.session().equals(session))
          && (module.isEmpty() || UserModules.has(nt, process, module));
    }
  }

  private static Result all(Nt nt, long flags, Filter filter) {
    Found found = find(nt);
    List<Result> reports = new ArrayList<>();
    for (KernelProcess process : found.processes()) {
      ProcessReport report = new ProcessReport(nt, process, flags);
      if (filter.passes(nt, process, report)) {
        reports.add(report);
      }
    }
    return new ProcessList(true, reports, found.problems());
  }

  /** kd compares with what the process keeps of the name, which may be cut off. */
  private static boolean matches(String name, String wanted) {
    String a = name.toLowerCase(Locale.ROOT);
    String b = wanted.toLowerCase(Locale.ROOT);
    return a.equals(b) || a.length() >= 14 && b.startsWith(a);
  }

  /**
   * The processes there are.
   *
   * @param problems what is wrong with the list
   */
  record Found(List<KernelProcess> processes, List<String> problems) {}

  /** The system's list; where the dump does not hold it, the processes of the running threads. */
  static Found find(Nt nt) {
    Listed<KernelProcess> listed = nt.kernel().processList();
    Map<Long, KernelProcess> found = new LinkedHashMap<>();
    listed.items().forEach(p -> found.put(p.address(), p));
    List<String> problems = new ArrayList<>();
    if (listed.broken().isPresent()) {
      nt.problem(listed.broken().get()).ifPresent(problems::add);
    } else if (found.isEmpty()) {
      problems.add("*** The list of processes cannot be found: nothing tells where it starts");
    }
    if (found.isEmpty()) {
      running(nt, found);
      problems.add("*** Only processes of threads that run on a processor are shown");
    }
    return new Found(List.copyOf(found.values()), problems);
  }

  private static void running(Nt nt, Map<Long, KernelProcess> found) {
    nt.kernel().currentProcess().ifPresent(p -> found.put(p.address(), p));
    for (Processor processor : nt.kernel().processors()) {
      if (processor.currentThread().isPresent()) {
        KernelThread thread = nt.kernel().thread(processor.currentThread().getAsLong());
        if (thread.process().isPresent() && nt.isSystem(thread.process().getAsLong())) {
          long owner = thread.process().getAsLong();
          found.computeIfAbsent(owner, nt.kernel()::process);
        }
      }
    }
  }
}
