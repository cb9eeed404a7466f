// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Locale;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;

/** {@code .expr}: which evaluator reads the expressions of commands. */
final class EvaluatorCommand extends Command {
  private static final String MASM = "MASM - Microsoft Assembler expressions";
  private static final String CXX = "C++ - C++ source expressions";

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean list = arguments.eatWord("/q");
    if (arguments.eatWord("/s")) {
      int at = arguments.position();
      switch (arguments.word().toLowerCase(Locale.ROOT)) {
        case "masm" -> session.setCxx(false);
        case "c++" -> session.setCxx(true);
        default -> throw new ExpressionException(Kind.SYNTAX, arguments.text(), at);
      }
    }
    arguments.end();
    String current = "Current expression evaluator: " + (session.isCxx() ? CXX : MASM);
    return list
        ? Lines.of("Available expression evaluators:", MASM, CXX, current)
        : Lines.of(current);
  }
}
