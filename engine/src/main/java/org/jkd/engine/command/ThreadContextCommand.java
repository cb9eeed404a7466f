// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.cpu.CpuContext;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;
import org.jkd.target.UserTarget;

/** {@code .thread .process ~}: which thread, process or processor commands look at. */
final class ThreadContextCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    return switch (arguments.name()) {
      case ".thread" -> thread(arguments, session);
      case ".process" -> process(arguments, session);
      default -> processor(arguments, session);
    };
  }

  private static Result thread(Arguments arguments, Session session) {
    boolean withProcess = options(arguments, "/p", "/P", "/r", "/w");
    long address = arguments.atEnd() ? 0 : arguments.address();
    arguments.end();
    if (address == 0) {
      session.setThread(null);
      session.resetRegisters();
      KernelThread current =
          session.thread().orElseThrow(() -> new CommandException("Unable to get current thread"));
      return Lines.of("Implicit thread is now " + Hex.address(session.arch(), current.address()));
    }
    KernelThread thread = session.kernel().thread(address);
    CpuContext context =
        session
            .kernel()
            .context(thread)
            .orElseThrow(
                () -> new CommandException("Can't retrieve thread context, Win32 error 0n30"));
    session.setThread(thread);
    session.setRegisters(context);
    String line = "Implicit thread is now " + Hex.address(session.arch(), address);
    if (withProcess && thread.process().isPresent()) {
      KernelProcess owner = session.kernel().process(thread.process().getAsLong());
      session.setProcess(owner);
      return Lines.of(
          line, "Implicit process is now " + Hex.address(session.arch(), owner.address()));
    }
    return Lines.of(line);
  }

  private static Result process(Arguments arguments, Session session) {
    if (arguments.eatWord("/i")) {
      throw new CommandException("/i makes the target switch processes, which a dump cannot do");
    }
    options(arguments, "/p", "/P", "/r");
    long address = arguments.atEnd() ? 0 : arguments.address();
    arguments.end();
    if (address == 0) {
      session.setProcess(null);
      KernelProcess current =
          session
              .process()
              .orElseThrow(() -> new CommandException("Unable to get current process"));
      return Lines.of("Implicit process is now " + Hex.address(session.arch(), current.address()));
    }
    session.setProcess(session.kernel().process(address));
    return Lines.of("Implicit process is now " + Hex.address(session.arch(), address));
  }

  /** Takes options in any order; true if one of the first two was among them. */
  private static boolean options(Arguments arguments, String... options) {
    boolean first = false;
    boolean found = true;
    while (found) {
      found = false;
      for (int i = 0; i < options.length; i++) {
        if (arguments.eatWord(options[i])) {
          found = true;
          first |= i < 2;
        }
      }
    }
    return first;
  }

  /** {@code ~2s}: only switching processors makes sense in a kernel dump. */
  private static Result processor(Arguments arguments, Session session) {
    if (session.target() instanceof UserTarget user) {
      return new UserThreadsCommand(user).run(arguments, session);
    }
    if (!Character.isDigit(arguments.peek())) {
      throw arguments.error(Kind.SYNTAX);
    }
    String word = arguments.word();
    if (!word.endsWith("s") || word.length() > 5) {
      throw arguments.error(Kind.SYNTAX);
    }
    session.kernel();
    int number = decimal(word.substring(0, word.length() - 1), arguments);
    if (!session.selectProcessor(number)) {
      throw new CommandException(number + " is not a valid processor number");
    }
    arguments.end();
    return Lines.NONE;
  }

  private static int decimal(String digits, Arguments arguments) {
    for (int i = 0; i < digits.length(); i++) {
      if (!Character.isDigit(digits.charAt(i))) {
        throw arguments.error(Kind.SYNTAX);
      }
    }
    return Integer.parseInt(digits);
  }
}
