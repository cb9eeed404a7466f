// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.stack.StackWalker;

/**
 * {@code .frame [/c] [/r] [N]}: chooses the frame whose variables {@code dv} shows; {@code /c}
 * makes its registers those of the session, {@code /r} shows them. {@code .frame = Base Sp Ip}
 * (x64: {@code = Sp Ip}) chooses a frame that no walk finds: the session looks at its registers
 * then.
 */
final class FrameCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    boolean context = false;
    boolean registers = false;
    while (arguments.peek() == '/') {
      if (arguments.eatWord("/c")) {
        context = true;
      } else if (arguments.eatWord("/r")) {
        registers = true;
      } else {
        throw arguments.error(Kind.SYNTAX);
      }
    }
    if (arguments.eat("=")) {
      return given(arguments, session, registers);
    }
    int number = session.frame();
    if (!arguments.atEnd()) {
      long wanted = arguments.expression();
      if (wanted < 0 || wanted >= Session.MAX_FRAMES) {
        throw arguments.error(Kind.RANGE);
      }
      number = (int) wanted;
    }
    arguments.end();
    Backtrace trace = session.frames(number + 1);
    if (number >= trace.rows().size()) {
      throw new CommandException(
          "Cannot find frame 0x" + Integer.toHexString(number) + ", previous scope unchanged");
    }
    Backtrace.Row row = trace.rows().get(number);
    if (context) {
      session.setRegisters(row.frame().registers().context());
    } else {
      session.selectFrame(number);
    }
    return chosen(session, trace, number, row.frame().registers().context(), registers);
  }

  private static Result given(Arguments arguments, Session session, boolean registers) {
    long first = arguments.address();
    long second = arguments.address();
    CpuContext context;
    if (session.arch() == Arch.ARM64) {
      throw new CommandException("Stacks of this processor are not walked");
    } else if (session.arch() == Arch.X86) {
      context = StackWalker.x86Start(first, second, arguments.address());
    } else {
      context = StackWalker.x64Start(first, second);
    }
    arguments.end();
    if (session.walk(context, 1).frames().isEmpty()) {
      throw new CommandException("Stacks of this processor are not walked");
    }
    session.setRegisters(context);
    return chosen(session, session.frames(1), 0, context, registers);
  }

  private static Result chosen(
      Session session, Backtrace trace, int number, CpuContext context, boolean registers) {
    Backtrace one =
        new Backtrace(
            trace.arch(),
            trace.rows().subList(number, number + 1),
            BacktraceOptions.NUMBERED,
            false,
            List.of(),
            trace.end(),
            number);
    return new Chosen(
        one, registers ? List.of(RegisterBlock.of(session, context, List.of())) : List.of());
  }

  /** The row of the frame, and its registers if they were asked for. */
  record Chosen(Backtrace trace, List<Result> registers) implements Result {
    @Override
    public void text(TextOut out) {
      trace.rows(out);
      registers.forEach(r -> r.text(out));
    }

    @Override
    public void json(JsonOut out) {
      trace.json(out);
    }
  }
}
