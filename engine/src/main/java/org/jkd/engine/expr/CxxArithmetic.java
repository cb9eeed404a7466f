// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.OptionalLong;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.symbols.Types;

/** The conversions and operations of C on values of the target's types. */
final class CxxArithmetic {
  private final ExpressionContext context;

  CxxArithmetic(ExpressionContext context) {
    this.context = context;
  }

  /**
   * The bits of a value: sign-extended if its type is signed, a {@code double} for fractions.
   *
   * @throws ExpressionException if it lies in memory that cannot be read, or is a structure
   */
  long load(CxxValue value, CxxLexer in) {
    CxxValue v = decayed(value);
    if (v.place().isEmpty()) {
      return v.bits();
    }
    long size = v.type().type().size();
    boolean scalar = !(v.type().type() instanceof Types.StructRef) && size >= 1 && size <= 8;
    if (!scalar) {
      throw in.errorAtOperand(Kind.TYPE);
    }
    OptionalLong read = context.read(v.place().getAsLong(), (int) size);
    if (read.isEmpty()) {
      throw in.errorAtOperand(Kind.MEMORY);
    }
    long bits = read.getAsLong();
    if (v.type().type() instanceof Types.Bits field) {
      long mask = field.length() >= 64 ? -1 : (1L << field.length()) - 1;
      bits = bits >>> field.position() & mask;
      int unused = 64 - Math.clamp(field.length(), 1, 64);
      return v.type().isSigned() ? bits << unused >> unused : bits;
    }
    if (v.type().isFloating()) {
      return size == 4 ? Double.doubleToLongBits(Float.intBitsToFloat((int) bits)) : bits;
    }
    return fit(bits, v.type());
  }

  /** The bits as a type of its size holds them. */
  private static long fit(long bits, CxxType type) {
    int unused = 64 - 8 * Math.clamp(type.type().size(), 1, 8);
    return type.isSigned() ? bits << unused >> unused : bits << unused >>> unused;
  }

  /** An array as the pointer to its first element. */
  CxxValue decayed(CxxValue value) {
    return value.type().type() instanceof Types.Array array && value.place().isPresent()
        ? CxxValue.of(
            new CxxType(value.type().scope(), array.element())
                .pointer(context.arch().pointerSize()),
            value.place().getAsLong())
        : value;
  }

  boolean isTrue(CxxValue value, CxxLexer in) {
    long bits = load(value, in);
    return value.type().isFloating() ? Double.longBitsToDouble(bits) != 0 : bits != 0;
  }

  CxxValue negate(CxxValue value, boolean bitwise, CxxLexer in) {
    long bits = load(value, in);
    if (value.type().isFloating() && !bitwise) {
      return CxxValue.of(CxxType.DOUBLE, Double.doubleToLongBits(-Double.longBitsToDouble(bits)));
    }
    CxxType type = promoted(value.type(), in);
    return CxxValue.of(type, fit(bitwise ? ~bits : -bits, type));
  }

  CxxValue cast(CxxValue value, CxxType type, CxxLexer in) {
    if (type.type() instanceof Types.StructRef) {
      // kd lets memory be looked at as a structure.
      return CxxValue.at(type, context.arch().address(address(value, in)));
    }
    long bits =
        value.type().type() instanceof Types.StructRef ? address(value, in) : load(value, in);
    if (type.isFloating()) {
      return value.type().isFloating()
          ? CxxValue.of(type, bits)
          : CxxValue.of(type, Double.doubleToLongBits(bits));
    }
    long whole = value.type().isFloating() ? (long) Double.longBitsToDouble(bits) : bits;
    boolean isBool = type.equals(CxxType.BOOL);
    return CxxValue.of(type, isBool ? (whole != 0 ? 1 : 0) : fit(whole, type));
  }

  private long address(CxxValue value, CxxLexer in) {
    return value.type().type() instanceof Types.StructRef && value.place().isPresent()
        ? value.place().getAsLong()
        : load(value, in);
  }

  /** The type in which C computes with a value. */
  private static CxxType promoted(CxxType type, CxxLexer in) {
    return switch (type.type()) {
      case Types.Base b when type.isFloating() -> CxxType.DOUBLE;
      case Types.Base b ->
          b.size() < 4
              ? CxxType.INT
              : b.size() > 4
                  ? (b.signed() ? CxxType.INT64 : CxxType.UNSIGNED64)
                  : b.signed() ? CxxType.INT : CxxType.UNSIGNED;
      case Types.Bits b -> promoted(new CxxType(type.scope(), b.storage()), in);
      case Types.EnumType _ -> CxxType.INT;
      case Types.Pointer _ -> CxxType.UNSIGNED64;
      case Types.Array _, Types.StructRef _, Types.FunctionType _, Types.VoidType _ ->
          throw in.errorAtOperand(Kind.TYPE);
    };
  }

  CxxValue apply(String operator, CxxValue first, CxxValue second, CxxLexer in) {
    CxxValue left = decayed(first);
    CxxValue right = decayed(second);
    switch (operator) {
      case "&&" -> {
        return truth(isTrue(left, in) && isTrue(right, in));
      }
      case "||" -> {
        return truth(isTrue(left, in) || isTrue(right, in));
      }
      default -> {
        // all others compute with both values
      }
    }
    long a = load(left, in);
    long b = load(right, in);
    boolean leftPointer = left.type().type() instanceof Types.Pointer;
    boolean rightPointer = right.type().type() instanceof Types.Pointer;
    if ((leftPointer || rightPointer) && (operator.equals("+") || operator.equals("-"))) {
      return pointers(operator.equals("-"), left, a, right, b, in);
    }
    CxxType l = promoted(left.type(), in);
    CxxType r = promoted(right.type(), in);
    if (l.isFloating() || r.isFloating()) {
      return fractions(operator, number(left, a), number(right, b), in);
    }
    boolean shifts = operator.equals("<<") || operator.equals(">>");
    CxxType type = shifts ? l : common(l, r);
    return whole(operator, type, fit(a, type), shifts ? b : fit(b, type), in);
  }

  private static double number(CxxValue value, long bits) {
    return value.type().isFloating() ? Double.longBitsToDouble(bits) : bits;
  }

  private static CxxType common(CxxType a, CxxType b) {
    if (a.type().size() == 8 || b.type().size() == 8) {
      boolean unsigned =
          a.type().size() == 8 && !a.isSigned() || b.type().size() == 8 && !b.isSigned();
      return unsigned ? CxxType.UNSIGNED64 : CxxType.INT64;
    }
    return a.isSigned() && b.isSigned() ? CxxType.INT : CxxType.UNSIGNED;
  }

  private CxxValue pointers(
      boolean minus, CxxValue left, long a, CxxValue right, long b, CxxLexer in) {
    if (left.type().type() instanceof Types.Pointer p
        && right.type().type() instanceof Types.Pointer) {
      if (!minus) {
        throw in.errorAtOperand(Kind.TYPE);
      }
      long size = Math.max(1, p.target().size());
      CxxType difference = context.arch().pointerSize() == 4 ? CxxType.INT : CxxType.INT64;
      return CxxValue.of(difference, (a - b) / size);
    }
    boolean first = left.type().type() instanceof Types.Pointer;
    if (!first && minus) {
      throw in.errorAtOperand(Kind.TYPE);
    }
    CxxType type = first ? left.type() : right.type();
    long size = Math.max(1, ((Types.Pointer) type.type()).target().size());
    long base = first ? a : b;
    long index = first ? b : a;
    return CxxValue.of(
        type, context.arch().address(minus ? base - index * size : base + index * size));
  }

  private static CxxValue truth(boolean b) {
    return CxxValue.of(CxxType.BOOL, b ? 1 : 0);
  }

  private static CxxValue fractions(String operator, double a, double b, CxxLexer in) {
    double value =
        switch (operator) {
          case "+" -> a + b;
          case "-" -> a - b;
          case "*" -> a * b;
          case "/" -> a / b;
          case "<" -> a < b ? 1 : 0;
          case ">" -> a > b ? 1 : 0;
          case "<=" -> a <= b ? 1 : 0;
          case ">=" -> a >= b ? 1 : 0;
          case "==" -> a == b ? 1 : 0;
          case "!=" -> a != b ? 1 : 0;
          default -> throw in.errorAtOperand(Kind.TYPE);
        };
    boolean compares = operator.contains("=") || operator.equals("<") || operator.equals(">");
    return compares
        ? truth(value != 0)
        : CxxValue.of(CxxType.DOUBLE, Double.doubleToLongBits(value));
  }

  private static CxxValue whole(String operator, CxxType type, long a, long b, CxxLexer in) {
    boolean signed = type.isSigned();
    int order = signed ? Long.compare(a, b) : Long.compareUnsigned(a, b);
    if (b == 0 && (operator.equals("/") || operator.equals("%"))) {
      throw in.errorAtOperand(Kind.OPERAND);
    }
    return switch (operator) {
      case "==" -> truth(order == 0);
      case "!=" -> truth(order != 0);
      case "<" -> truth(order < 0);
      case "<=" -> truth(order <= 0);
      case ">" -> truth(order > 0);
      case ">=" -> truth(order >= 0);
      case "<<" -> CxxValue.of(type, fit(b < 0 || b > 63 ? 0 : a << b, type));
      case ">>" ->
          CxxValue.of(
              type,
              fit(
                  b < 0 || b > 63
                      ? (type.isSigned() ? a >> 63 : 0)
                      : type.isSigned() ? a >> b : a >>> b,
                  type));
      default ->
          CxxValue.of(
              type,
              fit(
                  switch (operator) {
                    case "+" -> a + b;
                    case "-" -> a - b;
                    case "*" -> a * b;
                    case "/" -> signed ? a / b : Long.divideUnsigned(a, b);
                    case "%" -> signed ? a % b : Long.remainderUnsigned(a, b);
                    case "&" -> a & b;
                    case "|" -> a | b;
                    case "^" -> a ^ b;
                    default -> throw in.errorAtOperand(Kind.SYNTAX);
                  },
                  type));
    };
  }
}
