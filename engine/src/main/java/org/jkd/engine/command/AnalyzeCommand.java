// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.engine.report.CrashReports;
import org.jkd.engine.report.StackReport;
import org.jkd.stack.Frame;
import org.jkd.target.BugCheck;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelTarget;
import org.jkd.target.LoadedModule;

/** {@code !analyze [-v]} and {@code !analyze -show Code [P1 P2 P3 P4]}. */
final class AnalyzeCommand extends Command {
  private static final int MAIN_TASK = 0x28;
  private static final long TRAP = 0x7f;
  private static final long DOUBLE_FAULT = 8;

  private static final BacktraceOptions STACK_TEXT =
      new BacktraceOptions(true, true, false, false, false, false, false);

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean verbose = false;
    while (arguments.peek() == '-') {
      String option = arguments.word();
      if (option.equals("-show")) {
        return show(arguments, session);
      }
      verbose |= option.startsWith("-v");
    }
    arguments.end();
    return analyze(session, verbose);
  }

  /** The text of a bug check, whatever stopped this system. */
  private static Result show(Arguments arguments, Session session) {
    long code = arguments.expression() & 0xffff_ffffL;
    List<Long> parameters = new ArrayList<>();
    while (!arguments.atEnd() && parameters.size() < 4) {
      parameters.add(session.arch().address(arguments.expression()));
    }
    while (parameters.size() < 4) {
      parameters.add(0L);
    }
    return new BugCheckText(session.arch(), new BugCheck(code, parameters));
  }

  private static Result analyze(Session session, boolean verbose) {
    KernelTarget kernel = session.kernel();
    StackReport report = CrashReports.of(session.debuggee(), kernel);
    CpuContext start = session.debuggee().registers();
    Backtrace stack =
        Backtrace.of(session, session.walk(start, session.frameCount()), STACK_TEXT, false);
    BugCheck bugCheck = kernel.bugCheck();
    boolean doubleFault = bugCheck.plainCode() == TRAP && bugCheck.parameter(1) == DOUBLE_FAULT;
    Optional<RegisterBlock> task = Optional.empty();
    if (doubleFault && session.arch() == Arch.X86) {
      task =
          kernel.taskState(MAIN_TASK).map(t -> RegisterBlock.of(session, t.context(), List.of()));
    }
    OptionalLong trap = OptionalLong.empty();
    for (Backtrace.Row row : stack.rows()) {
      if (trap.isEmpty() && row.frame().kind() == Frame.Kind.TRAP) {
        trap = row.frame().trapFrame();
      }
    }
    Optional<RegisterBlock> interrupted =
        trap.isPresent()
            ? kernel
                .trapFrame(trap.getAsLong())
                .map(t -> RegisterBlock.of(session, t.context(), List.of()))
            : Optional.empty();
    String victim =
        report.stack().frames().isEmpty() ? "" : report.stack().frames().getFirst().symbol();
    String module =
        report.stack().frames().isEmpty() ? "" : report.stack().frames().getFirst().module();
    return new Analysis(
        session.arch(),
        verbose,
        bugCheck,
        session.processor(),
        kernel.currentProcess().map(KernelProcess::imageName).orElse(""),
        kernel.currentThread().map(t -> t.address()).orElse(0L),
        report.verdict().isOverflow() ? limit(kernel) : OptionalLong.empty(),
        report.verdict().summary(),
        task,
        trap,
        interrupted,
        stack,
        victim,
        module,
        imageName(kernel, module),
        report.buckets().failure());
  }

  private static OptionalLong limit(KernelTarget kernel) {
    return kernel.currentThread().map(t -> t.stackLimit()).orElse(OptionalLong.empty());
  }

  private static String imageName(KernelTarget kernel, String module) {
    for (LoadedModule m : kernel.modules()) {
      if (m.name().equals(module)) {
        return m.imageName();
      }
    }
    return "";
  }
}
