// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.stack.StackWalker;

/**
 * The {@code k} family: {@code k kb kv kn kf kc kd}, letters in any order, {@code = Base Sp Ip
 * [Count]} on x86 and {@code = Sp [Ip] Count} on x64.
 *
 * <p>The article's {@code kf=b8ae6100 b8ae60ec 8081df65} fixes the order of the three operands:
 * Microsoft's page on manual walks swaps the last two in one place.
 */
final class BacktraceCommand extends Command {
  /** A second x64 operand above this is an instruction pointer, at or below it a frame count. */
  private static final long MAX_COUNT = 0x10000;

  @Override
  public Result run(Arguments arguments, Session session) {
    BacktraceOptions options = options(arguments);
    if (options.raw()) {
      long count = arguments.atEnd() ? session.frameCount() : arguments.expression();
      Range range = new Range(session.registers().sp(), count);
      return new PointerCommand().words(session, range, session.arch().pointerSize());
    }
    if (!Character.isDigit(arguments.name().charAt(0))) {
      return trace(arguments, session, options);
    }
    int before = session.processor();
    CpuContext registers = session.registers();
    boolean set = session.contextIsSet();
    session.selectProcessorFor(arguments);
    try {
      return trace(arguments, session, options);
    } finally {
      session.restore(before, registers, set);
    }
  }

  private static Result trace(Arguments arguments, Session session, BacktraceOptions options) {
    boolean manual = arguments.eat("=");
    CpuContext start = session.registers();
    int count = session.frameCount();
    if (manual) {
      List<Long> operands = operands(arguments);
      start = session.arch() == Arch.X86 ? x86(operands, session) : x64(operands, session);
      int counted = session.arch() == Arch.X86 ? x86Count(operands) : x64Count(operands);
      if (counted >= 0) {
        count = frames(operands.get(counted), arguments);
      }
    } else if (!arguments.atEnd()) {
      count = frames(arguments.expression(), arguments);
    }
    arguments.end();
    boolean noted = !manual && session.contextIsSet();
    return Backtrace.of(session, session.walk(start, count), options, noted);
  }

  private static BacktraceOptions options(Arguments arguments) {
    String name = arguments.name();
    String letters = name.substring(name.indexOf('k') + 1);
    BacktraceOptions options = BacktraceOptions.parse(letters, BacktraceOptions.NONE);
    if (options == null) {
      throw arguments.error(Kind.SYNTAX);
    }
    // Letters may follow after a blank where they cannot be a number: "k L=…", "k n 5".
    while (Character.isLetter(arguments.peek())) {
      String word = arguments.peekLetters();
      BacktraceOptions more = BacktraceOptions.parse(word, options);
      if (more == null || isHex(word) && !arguments.text().contains("=")) {
        break;
      }
      arguments.eat(word);
      options = more;
    }
    return options;
  }

  private static boolean isHex(String word) {
    return word.chars().allMatch(c -> Character.digit(c, 16) >= 0);
  }

  private static List<Long> operands(Arguments arguments) {
    List<Long> operands = new ArrayList<>();
    while (!arguments.atEnd()) {
      operands.add(arguments.expression());
      arguments.eat(",");
    }
    if (operands.isEmpty() || operands.size() > 4) {
      throw arguments.error(Kind.SYNTAX);
    }
    return operands;
  }

  private static int frames(long count, Arguments arguments) {
    if (count <= 0 || count > MAX_COUNT) {
      throw arguments.error(Kind.RANGE);
    }
    return (int) count;
  }

  private static CpuContext x86(List<Long> operands, Session session) {
    long base = operands.get(0);
    return operands.size() >= 3
        ? StackWalker.x86Start(base, operands.get(1), operands.get(2))
        : session.registers().with(Register.RBP, base).with(Register.RSP, base);
  }

  private static int x86Count(List<Long> operands) {
    return operands.size() == 4 ? 3 : operands.size() == 2 ? 1 : -1;
  }

  private static CpuContext x64(List<Long> operands, Session session) {
    boolean hasIp = operands.size() >= 2 && isAddress(operands.get(1));
    long ip = hasIp ? operands.get(1) : session.registers().ip();
    // The other registers stay those of the context, as in kd: frame registers need them.
    return session.registers().with(Register.RSP, operands.get(0)).with(Register.RIP, ip);
  }

  private static int x64Count(List<Long> operands) {
    if (operands.size() >= 3) {
      return 2;
    }
    return operands.size() == 2 && !isAddress(operands.get(1)) ? 1 : -1;
  }

  private static boolean isAddress(long operand) {
    return Long.compareUnsigned(operand, MAX_COUNT) > 0;
  }
}
