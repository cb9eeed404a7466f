// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;
import org.jkd.engine.expr.CxxEvaluator;
import org.jkd.engine.expr.CxxValue;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.expr.RegisterNames;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/**
 * {@code r}: all registers, or some; {@code r $t0=…} sets a pseudo-register. Registers of the
 * target cannot be set: a dump is not changed.
 */
final class RegistersCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    if (Character.isDigit(arguments.name().charAt(0))) {
      return ofProcessor(arguments, session);
    }
    if (arguments.atEnd()) {
      return RegisterBlock.of(session, session.registers(), List.of());
    }
    if (arguments.eat("?")) {
      return typed(arguments, session);
    }
    return some(arguments, session);
  }

  /** {@code 2r}: the registers of another processor; the current one stays. */
  private Result ofProcessor(Arguments arguments, Session session) {
    int before = session.processor();
    CpuContext registers = session.registers();
    boolean set = session.contextIsSet();
    session.selectProcessorFor(arguments);
    try {
      return arguments.atEnd()
          ? RegisterBlock.of(session, session.registers(), List.of())
          : some(arguments, session);
    } finally {
      session.restore(before, registers, set);
    }
  }

  private static Result some(Arguments arguments, Session session) {
    List<Value> values = new ArrayList<>();
    do {
      arguments.atEnd();
      int at = arguments.position();
      if (arguments.eat("$.u")) {
        return fixedAlias(arguments, session);
      }
      String name = arguments.name(",=");
      String plain = name.startsWith("@") ? name.substring(1) : name;
      if (arguments.eat("=")) {
        set(plain, at, arguments, session);
        continue;
      }
      OptionalLong value =
          plain.startsWith("$")
              ? session.pseudoRegister(plain.toLowerCase(Locale.ROOT))
              : session.register(plain);
      if (value.isEmpty()) {
        throw new ExpressionException(Kind.REGISTER, arguments.text(), at);
      }
      values.add(new Value(plain, value.getAsLong(), digits(plain, session)));
    } while (arguments.eat(","));
    arguments.end();
    return new Values(values);
  }

  /** {@code r $.u0=text}: what {@code $u0} stands for; the name is split so that it is no alias. */
  private static Result fixedAlias(Arguments arguments, Session session) {
    int number = arguments.peek() - '0';
    if (number < 0 || number > 9) {
      throw arguments.error(Kind.REGISTER);
    }
    arguments.back(arguments.position() + 1);
    if (!arguments.eat("=")) {
      throw arguments.error(Kind.SYNTAX);
    }
    String text = arguments.rest();
    boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
    session.aliases().setFixed(number, quoted ? text.substring(1, text.length() - 1) : text);
    return Lines.NONE;
  }

  /** {@code r? $t0=expression}: a pseudo-register with the type of a C++ expression. */
  private static Result typed(Arguments arguments, Session session) {
    do {
      arguments.atEnd();
      int at = arguments.position();
      String name = arguments.name("=,");
      String plain = name.startsWith("@") ? name.substring(1) : name;
      if (!arguments.eat("=")) {
        throw arguments.error(Kind.SYNTAX);
      }
      CxxEvaluator evaluator = new CxxEvaluator(arguments.text(), arguments.position(), session);
      CxxValue value = evaluator.expression();
      arguments.back(evaluator.position());
      if (!session.setUserRegister(plain.toLowerCase(Locale.ROOT), evaluator.number(value))) {
        throw new ExpressionException(Kind.REGISTER, arguments.text(), at);
      }
      session.cxxNames().setType(plain, value.type());
    } while (arguments.eat(","));
    arguments.end();
    return Lines.NONE;
  }

  private static int digits(String name, Session session) {
    return RegisterNames.find(session.arch(), name)
        .map(p -> (p.bits() + 3) / 4)
        .orElse(session.arch().pointerSize() * 2);
  }

  private static void set(String name, int at, Arguments arguments, Session session) {
    long value = arguments.expression();
    if (session.setUserRegister(name.toLowerCase(Locale.ROOT), value)) {
      session.cxxNames().clearType(name);
      return;
    }
    if (session.register(name).isPresent()) {
      throw new CommandException("A dump is not changed: the register " + name + " stays as it is");
    }
    throw new ExpressionException(Kind.REGISTER, arguments.text(), at);
  }

  /** A register. */
  record Value(String name, long value, int digits) {}

  /** Some registers. */
  record Values(List<Value> values) implements Result {
    @Override
    public void text(TextOut out) {
      StringBuilder line = new StringBuilder();
      for (Value v : values) {
        line.append(line.isEmpty() ? "" : " ");
        line.append(v.name).append('=').append(Hex.pad(v.value, v.digits));
      }
      if (!values.isEmpty()) {
        out.line(line.toString());
      }
    }

    @Override
    public void json(JsonOut out) {
      out.object(
          "registers",
          o -> {
            for (Value v : values) {
              o.address(v.name, v.value);
            }
          });
    }
  }
}
