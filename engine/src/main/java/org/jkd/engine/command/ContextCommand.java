// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.ContextRecord;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.TaskState;
import org.jkd.cpu.TrapFrame;
import org.jkd.engine.render.Hex;

/** {@code .trap .tss .cxr .ecxr}: shows a saved register context and looks at it from then on. */
final class ContextCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    String name = arguments.name();
    if (name.equals(".ecxr")) {
      arguments.end();
      return show(session, session.debuggee().registers(), List.of());
    }
    if (arguments.atEnd()) {
      session.resetRegisters();
      return Lines.of("Resetting default scope");
    }
    long operand = arguments.address();
    arguments.end();
    if (operand == 0 && !name.equals(".tss")) {
      session.resetRegisters();
      return Lines.of("Resetting default scope");
    }
    return switch (name) {
      case ".trap" -> trap(session, operand);
      case ".tss" -> task(session, operand);
      default -> context(session, operand);
    };
  }

  private static Result show(Session session, CpuContext context, List<String> before) {
    session.setRegisters(context);
    return RegisterBlock.of(session, context, before);
  }

  private static Result trap(Session session, long address) {
    TrapFrame frame =
        session
            .kernel()
            .trapFrame(address)
            .orElseThrow(() -> unreadable("trap frame", session, address));
    List<String> before =
        session.arch() == Arch.X86
            ? List.of("ErrCode = " + Hex.pad(frame.errorCode(), 8))
            : List.of(
                "NOTE: The trap frame does not contain all registers.",
                "Some register values may be zeroed or incorrect.");
    return show(session, frame.context(), before);
  }

  private static Result task(Session session, long selector) {
    if (session.arch() != Arch.X86) {
      throw new CommandException("Task state segments are used on x86 only");
    }
    Optional<TaskState> task =
        session
            .processorRecord()
            .flatMap(p -> session.kernel().taskState(p, (int) (selector & 0xffff)));
    CpuContext context =
        task.map(TaskState::context)
            .orElseThrow(() ->
                new CommandException(
                    "Unable to read the task state segment of selector "
                        + Long.toHexString(selector)));
    return show(session, context, List.of());
  }

  private static Result context(Session session, long address) {
    CpuContext context =
        ContextRecord.read(session.arch(), session.memory().memory(), address)
            .orElseThrow(() -> unreadable("context record", session, address));
    return show(session, context, List.of());
  }

  private static CommandException unreadable(String what, Session session, long address) {
    String why = session.memory().memory().whyUnreadable(address).text();
    return new CommandException(
        "Unable to read the " + what + " at " + Hex.address(session.arch(), address) + ": " + why);
  }
}
