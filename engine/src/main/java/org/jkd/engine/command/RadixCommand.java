// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;

/** {@code n}: the default radix. The argument itself is always decimal. */
final class RadixCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    if (!arguments.atEnd()) {
      int at = arguments.position();
      switch (arguments.word()) {
        case "8" -> session.setRadix(8);
        case "10" -> session.setRadix(10);
        case "16" -> session.setRadix(16);
        default -> throw new ExpressionException(Kind.SYNTAX, arguments.text(), at);
      }
      arguments.end();
    }
    return Lines.of("base is " + session.radix());
  }
}
