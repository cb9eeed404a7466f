// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.cpu.Arch;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/** {@code ?}: evaluates an expression. */
final class EvaluateCommand extends Command {

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.atEnd()) {
      return new HelpCommand().list();
    }
    long value = evaluate(arguments);
    session.numbers().setLastExpression(value);
    return new Value(session.arch(), value);
  }

  /** Evaluates the whole rest; errors are the evaluator's own, which have no caret. */
  static long evaluate(Arguments arguments) {
    try {
      long value = arguments.expression();
      arguments.end();
      return value;
    } catch (ExpressionException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  /** True if kd shows a value with 8 digits: on a 32-bit target, unless it does not fit. */
  static boolean isNarrow(Arch arch, long value) {
    return arch.pointerSize() == 4 && (value >>> 32 == 0 || value == (int) value);
  }

  /** The value of an expression; decimal is signed. */
  record Value(Arch arch, long value) implements Result {
    @Override
    public void text(TextOut out) {
      out.line("Evaluate expression: " + value + " = " + hex());
    }

    private String hex() {
      return isNarrow(arch, value) ? Hex.pad(value, 8) : Hex.accent(value);
    }

    @Override
    public void json(JsonOut out) {
      out.number("decimal", value)
          .address("value", isNarrow(arch, value) ? value & 0xffff_ffffL : value);
    }
  }
}
