// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The unary operators that are words.
 *
 * @param bytes how many bytes of memory are read, 0 for operators that read none
 * @param physical true for the {@code $p…} forms
 */
record UnaryOperator(String name, int bytes, boolean physical) {

  /** The operator of that name, in any case. */
  static @Nullable UnaryOperator named(String word, int pointerSize) {
    String name = word.toLowerCase(Locale.ROOT);
    return switch (name) {
      case "not", "hi", "low" -> new UnaryOperator(name, 0, false);
      case "by" -> new UnaryOperator(name, 1, false);
      case "wo" -> new UnaryOperator(name, 2, false);
      case "dwo" -> new UnaryOperator(name, 4, false);
      case "qwo" -> new UnaryOperator(name, 8, false);
      case "poi" -> new UnaryOperator(name, pointerSize, false);
      case "$pby" -> new UnaryOperator(name, 1, true);
      case "$pwo" -> new UnaryOperator(name, 2, true);
      case "$pdwo" -> new UnaryOperator(name, 4, true);
      case "$pqwo" -> new UnaryOperator(name, 8, true);
      case "$ppoi" -> new UnaryOperator(name, pointerSize, true);
      default -> null;
    };
  }

  /** The value, or empty if memory cannot be read. Pointers of 32 bits are sign-extended. */
  OptionalLong apply(long operand, ExpressionContext context) {
    if (bytes == 0) {
      return OptionalLong.of(
          switch (name) {
            case "not" -> operand == 0 ? 1 : 0;
            case "hi" -> operand >>> 16 & 0xffff;
            default -> operand & 0xffff;
          });
    }
    long address = context.arch().address(operand);
    OptionalLong value =
        physical ? context.readPhysical(operand, bytes) : context.read(address, bytes);
    return value.isPresent() && bytes == 4 && name.endsWith("poi")
        ? OptionalLong.of(value.getAsLong() << 32 >> 32)
        : value;
  }
}
