// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.expr.CxxEvaluator;
import org.jkd.engine.expr.CxxValue;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.CFloat;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.Type;

/** {@code ??}: evaluates a C++ expression and shows its value with its type. */
final class CxxCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.atEnd()) {
      throw arguments.error(Kind.SYNTAX);
    }
    try {
      CxxEvaluator evaluator = new CxxEvaluator(arguments.text(), arguments.position(), session);
      CxxValue value = evaluator.expression();
      arguments.back(evaluator.position());
      arguments.end();
      Shown shown = shown(session, value, evaluator);
      if (isNumber(value.type().type())) {
        session.numbers().setLastExpression(evaluator.number(value));
      }
      return shown;
    } catch (ExpressionException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private static boolean isNumber(Type type) {
    return type instanceof Types.Base
        || type instanceof Types.Pointer
        || type instanceof Types.EnumType
        || type instanceof Types.Bits;
  }

  private static Shown shown(Session session, CxxValue value, CxxEvaluator evaluator) {
    Type type = value.type().type();
    String name = Types.spelled(type);
    TypeValues values = new TypeValues(session, session.memory());
    return switch (type) {
      case Types.Base b when value.type().type().size() > 8 ->
          new Shown(name, values.text(b, value.place().orElse(0)), Optional.empty());
      case Types.Base b ->
          new Shown(name, number(b, evaluator.number(value), value, evaluator), Optional.empty());
      case Types.Bits b ->
          new Shown(
              name,
              number((Types.Base) baseOf(b.storage()), evaluator.number(value), value, evaluator),
              Optional.empty());
      case Types.EnumType e -> {
        long v = evaluator.number(value);
        String text =
            e.values().stream()
                .filter(x -> x.value() == v)
                .findFirst()
                .map(x -> x.name() + " (0n" + v + ")")
                .orElse("0n" + v + " (No matching enumerant)");
        yield new Shown(e.name(), text, Optional.empty());
      }
      case Types.Pointer p -> pointer(session, value, p, evaluator, name);
      case Types.StructRef _ -> new Shown(name, "", rows(session, value, value.place()));
      case Types.Array _ ->
          new Shown(
              name,
              value.place().isPresent()
                  ? Hex.prefixed(session.arch(), value.place().getAsLong())
                  : "",
              Optional.empty());
      case Types.FunctionType _, Types.VoidType _ ->
          new Shown(
              name,
              value.place().isPresent()
                  ? Hex.prefixed(session.arch(), value.place().getAsLong())
                  : "",
              Optional.empty());
    };
  }

  private static Type baseOf(Type storage) {
    return storage instanceof Types.Base ? storage : new Types.Base("Uint4B", 4, false);
  }

  private static Optional<TypeRows> rows(Session session, CxxValue value, OptionalLong address) {
    TypeView view =
        new TypeView(
            session,
            value.type().scope(),
            new TypeView.Options(0, false, false, 0, true, false),
            session.memory());
    return Optional.of(
        view.show(Types.spelled(value.type().type()), value.type().type(), List.of(), address));
  }

  private static Shown pointer(
      Session session, CxxValue value, Types.Pointer p, CxxEvaluator evaluator, String name) {
    long to = session.arch().address(evaluator.number(value));
    if (p.target() instanceof Types.StructRef ref && to != 0) {
      CxxValue target = CxxValue.at(new org.jkd.engine.expr.CxxType(value.type().scope(), ref), to);
      return new Shown(
          name, Hex.prefixed(session.arch(), to), rows(session, target, OptionalLong.of(to)));
    }
    TypeValues values = new TypeValues(session, session.memory());
    String text = to == 0 ? "(null) " : Hex.prefixed(session.arch(), to);
    if (to != 0 && p.target() instanceof Types.Base b && b.name().endsWith("har")) {
      text = values.pointer(p, OptionalLong.of(to)).replaceFirst(" {2}\"", " \"");
    }
    return new Shown(name, text, Optional.empty());
  }

  private static String number(
      Types.Base type, long number, CxxValue value, CxxEvaluator evaluator) {
    if (value.type().type().equals(type) && isFraction(type)) {
      return CFloat.general(evaluator.fraction(value), type.size() == 4 ? 6 : 16);
    }
    if (type.name().startsWith("Bool")) {
      return number != 0 ? "true" : "false";
    }
    String text = type.signed() ? "0n" + number : TypeValues.hex(number);
    boolean isChar = type.name().endsWith("Char");
    boolean prints = number >= 0x20 && number < 0x7f;
    return isChar ? text + " '" + (prints ? String.valueOf((char) number) : "") + "'" : text;
  }

  private static boolean isFraction(Types.Base type) {
    return type.name().equals("Float") || type.name().equals("Double");
  }

  /** A value with its type; the rows of a structure. */
  record Shown(String type, String value, Optional<TypeRows> rows) implements Result {
    @Override
    public void text(TextOut out) {
      out.line((type + " " + value).stripTrailing());
      rows.ifPresent(r -> r.text(out));
    }

    @Override
    public void json(JsonOut out) {
      out.text("type", type).optional("value", value);
      rows.ifPresent(r -> out.object("structure", r::json));
    }
  }
}
