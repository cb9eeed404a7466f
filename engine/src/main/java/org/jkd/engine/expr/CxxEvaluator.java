// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.Field;
import org.jkd.symbols.Types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates C++ expressions over the types of the target: the operators of C with their precedence
 * and conversions, members, elements, casts, {@code sizeof} and the macros {@code
 * #CONTAINING_RECORD}, {@code #FIELD_OFFSET} and kin. Numbers are decimal unless prefixed.
 *
 * <p>Nothing is assigned and nothing is called: a dump is not changed.
 */
public final class CxxEvaluator {
  private static final int MAX_DEPTH = 200;

  /** Binary operators by level, loosest first; longer ones first where one begins another. */
  private static final String[][] LEVELS = {
    {"||"},
    {"&&"},
    {"|"},
    {"^"},
    {"&"},
    {"==", "!="},
    {"<=", ">=", "<", ">"},
    {"<<", ">>"},
    {"+", "-"},
    {"*", "/", "%"}
  };

  private final CxxLexer in;
  private final ExpressionContext context;
  private final CxxArithmetic arithmetic;
  private int depth;

  /**
   * @param start where in the text the expression starts, in characters
   */
  public CxxEvaluator(String text, int start, ExpressionContext context) {
    this.in = new CxxLexer(text, start);
    this.context = context;
    this.arithmetic = new CxxArithmetic(context);
  }

  /** The place behind what has been read, in characters from the start of the text. */
  public int position() {
    return in.position();
  }

  /** Reads and evaluates one expression. */
  public CxxValue expression() {
    enter();
    CxxValue condition = binary(0);
    if (in.eat("?")) {
      CxxValue yes = expression();
      in.expect(":");
      CxxValue no = expression();
      depth--;
      return arithmetic.isTrue(condition, in) ? yes : no;
    }
    depth--;
    return condition;
  }

  /** The number that a value is for the other evaluator: sign-extended if it is signed. */
  public long number(CxxValue value) {
    return switch (value.type().type()) {
      case Types.StructRef _, Types.Array _ -> value.place().orElse(value.bits());
      default -> {
        long bits = arithmetic.load(value, in);
        yield value.type().isFloating() ? (long) Double.longBitsToDouble(bits) : bits;
      }
    };
  }

  /** The value of a fraction. */
  public double fraction(CxxValue value) {
    return Double.longBitsToDouble(arithmetic.load(value, in));
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw in.error(Kind.SYNTAX);
    }
  }

  private CxxValue binary(int level) {
    if (level == LEVELS.length) {
      return unary();
    }
    CxxValue left = binary(level + 1);
    String operator;
    while ((operator = in.operator(LEVELS[level])) != null) {
      CxxValue right = binary(level + 1);
      left = arithmetic.apply(operator, left, right, in);
    }
    return left;
  }

  private CxxValue unary() {
    enter();
    CxxValue value = prefixed();
    depth--;
    return value;
  }

  private CxxValue prefixed() {
    in.mark();
    if (in.eat("!")) {
      return CxxValue.of(CxxType.BOOL, arithmetic.isTrue(unary(), in) ? 0 : 1);
    }
    if (in.eat("~")) {
      return arithmetic.negate(unary(), true, in);
    }
    if (in.eat("-")) {
      return arithmetic.negate(unary(), false, in);
    }
    if (in.eat("+")) {
      return unary();
    }
    if (in.eat("*")) {
      return dereferenced(unary());
    }
    if (in.eat("&")) {
      CxxValue of = unary();
      if (of.place().isEmpty()) {
        throw in.errorAtOperand(Kind.TYPE);
      }
      return CxxValue.of(of.type().pointer(context.arch().pointerSize()), of.place().getAsLong());
    }
    if (in.eatWord("sizeof")) {
      return size();
    }
    int before = in.position();
    if (in.eat("(")) {
      CxxType type = type();
      if (type != null && in.eat(")")) {
        return arithmetic.cast(unary(), type, in);
      }
      in.back(before);
    }
    return postfix(primary());
  }

  private CxxValue size() {
    CxxType unsigned = context.arch().pointerSize() == 4 ? CxxType.UNSIGNED : CxxType.UNSIGNED64;
    int before = in.position();
    if (in.eat("(")) {
      CxxType type = type();
      if (type != null && in.eat(")")) {
        return CxxValue.of(unsigned, type.type().size());
      }
      in.back(before);
    }
    return CxxValue.of(unsigned, unary().type().type().size());
  }

  /** What a pointer or array points at. */
  private CxxValue dereferenced(CxxValue pointer) {
    return switch (pointer.type().type()) {
      case Types.Pointer p ->
          CxxValue.at(
              new CxxType(pointer.type().scope(), p.target()),
              context.arch().address(arithmetic.load(pointer, in)));
      case Types.Array a when pointer.place().isPresent() ->
          CxxValue.at(
              new CxxType(pointer.type().scope(), a.element()), pointer.place().getAsLong());
      default -> throw in.errorAtOperand(Kind.TYPE);
    };
  }

  private CxxValue postfix(CxxValue first) {
    CxxValue value = first;
    while (true) {
      if (in.eat("->")) {
        value = member(dereferenced(value), in.name());
      } else if (in.eatDot()) {
        value = member(value, in.name());
      } else if (in.eat("[")) {
        CxxValue index = expression();
        in.expect("]");
        CxxValue pointer = arithmetic.decayed(value);
        value = dereferenced(arithmetic.apply("+", pointer, index, in));
      } else {
        return value;
      }
    }
  }

  private CxxValue member(CxxValue of, String name) {
    // kd lets a dot follow a pointer too.
    CxxValue owner = of.type().type() instanceof Types.Pointer ? dereferenced(of) : of;
    Field field = field(owner.type(), name);
    OptionalLong place = owner.place();
    if (place.isEmpty()) {
      throw in.errorAtOperand(Kind.TYPE);
    }
    return CxxValue.at(
        new CxxType(owner.type().scope(), field.type()),
        context.arch().address(place.getAsLong() + field.offset()));
  }

  private Field field(CxxType owner, String name) {
    Optional<StructType> struct =
        owner.type() instanceof Types.StructRef ref
            ? owner.scope().struct(ref.name())
            : Optional.empty();
    return struct.flatMap(s -> s.field(name)).orElseThrow(() -> in.errorBefore(Kind.RESOLVE, name));
  }

  private CxxValue primary() {
    if (in.eat("(")) {
      CxxValue value = expression();
      in.expect(")");
      return value;
    }
    if (in.eat("@@masm(") || in.eat("@@(")) {
      Evaluator masm = new Evaluator(in.text(), in.position(), context);
      long value = masm.masm();
      in.back(masm.position());
      in.expect(")");
      return CxxValue.of(CxxType.INT64, value);
    }
    if (in.eat("@@c++(")) {
      CxxValue value = expression();
      in.expect(")");
      return value;
    }
    if (in.eat("#")) {
      return macro(in.name());
    }
    CxxValue literal = in.literal();
    return literal != null ? literal : named();
  }

  private CxxValue named() {
    int start = in.position();
    String name = in.name();
    if (name.isEmpty()) {
      throw in.error(Kind.SYNTAX);
    }
    Optional<CxxValue> known = context.cxxName(name);
    if (known.isPresent()) {
      return known.get();
    }
    in.back(start);
    throw in.error(name.startsWith("@") ? Kind.REGISTER : Kind.RESOLVE);
  }

  /** A type's name, or null if no type stands here; then nothing is taken. */
  private @Nullable CxxType type() {
    int before = in.position();
    String name = in.typeName();
    CxxType type = CxxType.builtIn(name, context.arch().pointerSize());
    if (type == null) {
      type = name.isEmpty() ? null : context.cxxType(name).orElse(null);
    }
    if (type == null) {
      in.back(before);
      return null;
    }
    while (in.eat("*") || in.eat("&")) {
      type = type.pointer(context.arch().pointerSize());
    }
    return type;
  }

  private CxxType neededType() {
    CxxType type = type();
    if (type == null) {
      throw in.error(Kind.RESOLVE);
    }
    return type;
  }

  private CxxValue macro(String name) {
    CxxType unsigned = context.arch().pointerSize() == 4 ? CxxType.UNSIGNED : CxxType.UNSIGNED64;
    in.expect("(");
    CxxValue result =
        switch (name) {
          case "CONTAINING_RECORD" -> {
            long address = number(expression());
            in.expect(",");
            CxxType record = neededType();
            in.expect(",");
            long offset = path(record).offset();
            yield CxxValue.of(
                record.pointer(context.arch().pointerSize()),
                context.arch().address(address - offset));
          }
          case "FIELD_OFFSET" -> {
            CxxType record = neededType();
            in.expect(",");
            yield CxxValue.of(CxxType.INT, path(record).offset());
          }
          case "RTL_FIELD_SIZE" -> {
            CxxType record = neededType();
            in.expect(",");
            yield CxxValue.of(unsigned, path(record).type().size());
          }
          case "RTL_SIZEOF_THROUGH_FIELD" -> {
            CxxType record = neededType();
            in.expect(",");
            Field field = path(record);
            yield CxxValue.of(unsigned, field.offset() + field.type().size());
          }
          case "RTL_NUMBER_OF" -> {
            CxxValue of = expression();
            if (!(of.type().type() instanceof Types.Array array)) {
              throw in.errorAtOperand(Kind.TYPE);
            }
            yield CxxValue.of(unsigned, array.count());
          }
          case "RTL_NUMBER_OF_FIELD" -> {
            CxxType record = neededType();
            in.expect(",");
            if (!(path(record).type() instanceof Types.Array array)) {
              throw in.errorAtOperand(Kind.TYPE);
            }
            yield CxxValue.of(unsigned, array.count());
          }
          default -> throw in.errorBefore(Kind.RESOLVE, name);
        };
    in.expect(")");
    return result;
  }

  /** A field by a path with dots; its offset is that from the structure's start. */
  private Field path(CxxType owner) {
    CxxType at = owner;
    long offset = 0;
    while (true) {
      Field field = field(at, in.name());
      offset += field.offset();
      if (!in.eatDot()) {
        return new Field(field.name(), offset, field.type());
      }
      at = new CxxType(at.scope(), field.type());
    }
  }
}
