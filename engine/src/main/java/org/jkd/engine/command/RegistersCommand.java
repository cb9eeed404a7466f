// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.FloatRegisters;
import org.jkd.cpu.Instruction;
import org.jkd.cpu.Register;
import org.jkd.cpu.SpecialRegisters;
import org.jkd.engine.expr.CxxEvaluator;
import org.jkd.engine.expr.CxxValue;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.expr.RegisterNames;
import org.jkd.engine.render.CFloat;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.target.Processor;

/**
 * {@code r}: all registers, or some; {@code r $t0=…} sets a pseudo-register. Registers of the
 * target cannot be set: a dump is not changed.
 */
final class RegistersCommand extends Command {
  private static final int FLOATS = 4;
  private static final int MMX = 0x10;
  private static final int VECTORS = 0x40;
  private static final int CONTROL = 0x80;
  private static final int TABLES = 0x100;
  private static final int GENERAL = 16;
  private static final String NO_FLOATS =
      "This context does not hold the floating-point and vector registers";
  private static final String NO_SPECIAL =
      "The dump does not hold the control registers of this processor";
  private static final Pattern FORMAT =
      Pattern.compile("([0-9]{0,2})(ib|ub|iw|uw|id|ud|iq|uq|f|d)");

  @Override
  public Result run(Arguments arguments, Session session) {
    switch (arguments.name()) {
      case "rM" -> {
        if (arguments.atEnd()) {
          throw arguments.error(Kind.SYNTAX);
        }
        int mask = (int) arguments.expression();
        return masked(arguments, session, mask);
      }
      case "rF" -> {
        return masked(arguments, session, FLOATS);
      }
      case "rX" -> {
        return masked(arguments, session, VECTORS);
      }
      default -> {
        // r, or a processor's
      }
    }
    if (Character.isDigit(arguments.name().charAt(0))) {
      return ofProcessor(arguments, session);
    }
    if (arguments.atEnd()) {
      return whole(arguments, session);
    }
    if (arguments.eat("?")) {
      return typed(arguments, session);
    }
    if (arguments.eatWord(".")) {
      arguments.end();
      return used(session);
    }
    return some(arguments, session);
  }

  /** {@code r} alone: what the mask that {@code rm} set names. */
  private static Result whole(Arguments arguments, Session session) {
    int mask = session.registerMask();
    return mask == RegisterMaskCommand.usual(session.arch())
        ? RegisterBlock.of(session, session.registers(), List.of())
        : masked(arguments, session, mask);
  }

  /** {@code 2r}: the registers of another processor; the current one stays. */
  private Result ofProcessor(Arguments arguments, Session session) {
    int before = session.processor();
    CpuContext registers = session.registers();
    boolean set = session.contextIsSet();
    session.selectProcessorFor(arguments);
    try {
      return arguments.atEnd() ? whole(arguments, session) : some(arguments, session);
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
        String text =
            ofOtherUnit(session, bare, format, at, arguments)
                .orElseThrow(() -> new ExpressionException(Kind.REGISTER, arguments.text(), at));
        values.add(new Value(bare, 0, 0, text.substring(text.indexOf('=') + 1)));
        continue;
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

  /** {@code rM mask}, {@code rF}, {@code rX}: some groups of registers; other bits name none. */
  private static Result masked(Arguments arguments, Session session, int mask) {
    arguments.end();
    List<String> more = new ArrayList<>();
    if ((mask & (FLOATS | MMX | VECTORS)) != 0) {
      Optional<FloatRegisters> floats = session.registers().floats();
      if (floats.isEmpty()) {
        more.add(NO_FLOATS);
      } else {
        more.addAll((mask & FLOATS) != 0 ? FloatText.floats(floats.get()) : List.of());
        more.addAll((mask & MMX) != 0 ? FloatText.mmx(floats.get()) : List.of());
        more.addAll((mask & VECTORS) != 0 ? FloatText.vectors(floats.get()) : List.of());
        if ((mask & VECTORS) != 0 && floats.get().vectors().isEmpty()) {
          more.add("This context does not hold the vector registers");
        }
      }
    }
    if ((mask & (CONTROL | TABLES)) != 0) {
      Optional<SpecialRegisters> special = special(session);
      if (special.isEmpty()) {
        more.add(NO_SPECIAL);
      } else {
        Arch arch = session.arch();
        more.addAll((mask & CONTROL) != 0 ? SpecialText.control(arch, special.get()) : List.of());
        more.addAll((mask & TABLES) != 0 ? SpecialText.tables(arch, special.get()) : List.of());
      }
    }
    return new RegisterBlock.Masked(
        new RegisterBlock(List.of(), session.registers(), "", ""), mask, more);
  }

  private static Optional<SpecialRegisters> special(Session session) {
    return session.processorRecord().flatMap(Processor::special);
  }

  /** A register of another unit, in text; empty if the name is none of those. */
  private static Optional<String> ofOtherUnit(
      Session session, String name, String format, int at, Arguments arguments) {
    if (SpecialText.isName(name)) {
      SpecialRegisters special =
          special(session).orElseThrow(() -> new CommandException(NO_SPECIAL));
      return SpecialText.one(session.arch(), special, name);
    }
    if (!FloatText.isName(name)) {
      return Optional.empty();
    }
    FloatRegisters floats =
        session.registers().floats().orElseThrow(() -> new CommandException(NO_FLOATS));
    Optional<FloatRegisters.Vector> vector = FloatText.vector(floats, name);
    if (format.isEmpty() || vector.isEmpty()) {
      return FloatText.one(floats, name);
    }
    return Optional.of(
        name
            + "="
            + parts(vector.get().high(), 16, format, at, arguments)
            + " "
            + parts(vector.get().low(), 16, format, at, arguments));
  }

  /** {@code r.}: the registers that the current instruction uses, with their values. */
  private static Result used(Session session) {
    CpuContext context = session.registers();
    List<Value> values = new ArrayList<>();
    Optional<Instruction> in = new CodeText(session).decoded(context.ip());
    int bits =
        in.map(i -> i.registersRead() | i.registersWritten())
            .orElseThrow(() -> new CommandException("The current instruction is not in the dump"));
    for (int i = 0; i < GENERAL; i++) {
      Register register = Register.values()[i];
      if ((bits >>> i & 1) != 0) {
        String name = RegisterBlock.name(session.arch(), register);
        values.add(new Value(name, context.get(register), session.arch().pointerSize() * 2, ""));
      }
    }
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
      if (!session
          .numbers()
          .setUserRegister(plain.toLowerCase(Locale.ROOT), evaluator.number(value))) {
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
    if (session.numbers().setUserRegister(name.toLowerCase(Locale.ROOT), value)) {
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
              if (v.parts.isEmpty()) {
                o.address(v.name, v.value);
              } else {
                o.text(v.name, v.parts);
              }
            }
          });
    }
  }
}
