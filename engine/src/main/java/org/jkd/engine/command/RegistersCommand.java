// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.cpu.CpuContext;
import org.jkd.engine.expr.CxxEvaluator;
import org.jkd.engine.expr.CxxValue;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.expr.RegisterNames;
import org.jkd.engine.render.CFloat;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/**
 * {@code r}: all registers, or some; {@code r $t0=…} sets a pseudo-register. Registers of the
 * target cannot be set: a dump is not changed.
 */
final class RegistersCommand extends Command {
  private static final Pattern FORMAT =
      Pattern.compile("([0-9]{0,2})(ib|ub|iw|uw|id|ud|iq|uq|f|d)");

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.name().equals("rM")) {
      return masked(arguments, session);
    }
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
      int colon = plain.indexOf(':');
      String bare = colon < 0 ? plain : plain.substring(0, colon);
      String format = colon < 0 ? "" : plain.substring(colon + 1);
      OptionalLong value =
          bare.startsWith("$")
              ? session.pseudoRegister(bare.toLowerCase(Locale.ROOT))
              : session.register(bare);
      if (value.isEmpty()) {
        throw new ExpressionException(Kind.REGISTER, arguments.text(), at);
      }
      int digits = digits(bare, session);
      values.add(
          format.isEmpty()
              ? new Value(bare, value.getAsLong(), digits, "")
              : new Value(
                  bare,
                  value.getAsLong(),
                  digits,
                  parts(value.getAsLong(), digits, format, at, arguments)));
    } while (arguments.eat(","));
    arguments.end();
    return new Values(values);
  }

  /** A register in elements, the highest first: {@code r eax:uw}, {@code r rax:2id}. */
  private static String parts(long value, int digits, String format, int at, Arguments arguments) {
    Matcher matcher = FORMAT.matcher(format);
    if (!matcher.matches()) {
      throw new ExpressionException(Kind.SYNTAX, arguments.text(), at);
    }
    int bits =
        switch (matcher.group(2)) {
          case "ib", "ub" -> 8;
          case "iw", "uw" -> 16;
          case "id", "ud", "f" -> 32;
          default -> 64;
        };
    int all = Math.max(1, digits * 4 / bits);
    int count = matcher.group(1).isEmpty() ? all : Integer.parseInt(matcher.group(1));
    StringBuilder text = new StringBuilder();
    for (int i = Math.min(count, all) - 1; i >= 0; i--) {
      int unused = 64 - bits;
      long part = value >>> i * bits << unused >> unused;
      text.append(text.isEmpty() ? "" : " ");
      text.append(
          switch (matcher.group(2).charAt(0)) {
            case 'i' -> Long.toString(part);
            case 'f' -> CFloat.general(Float.intBitsToFloat((int) part), 6);
            case 'd' -> CFloat.general(Double.longBitsToDouble(part), 6);
            default -> Hex.pad(part, bits / 4);
          });
    }
    return text.toString();
  }

  /** {@code rM mask}: bits 1 and 2 the general registers, 8 segments, 20 debug registers. */
  private static Result masked(Arguments arguments, Session session) {
    if (arguments.atEnd()) {
      throw arguments.error(Kind.SYNTAX);
    }
    int mask = (int) arguments.expression();
    arguments.end();
    return new RegisterBlock.Masked(
        new RegisterBlock(List.of(), session.registers(), "", ""), mask);
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

  /**
   * A register.
   *
   * @param parts its elements if a format was asked for, else empty
   */
  record Value(String name, long value, int digits, String parts) {
    private String text() {
      return name + "=" + (parts.isEmpty() ? Hex.pad(value, digits) : parts);
    }
  }

  /** Some registers. */
  record Values(List<Value> values) implements Result {
    @Override
    public void text(TextOut out) {
      StringBuilder line = new StringBuilder();
      for (Value v : values) {
        line.append(line.isEmpty() ? "" : " ");
        line.append(v.text());
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
