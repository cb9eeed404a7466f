// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;

/** {@code .json}: switches between text and JSON; this command's own answer is in the new form. */
final class JsonCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.atEnd();
    int at = arguments.position();
    switch (arguments.word()) {
      case "" -> session.setJson(!session.json());
      case "on", "1" -> session.setJson(true);
      case "off", "0" -> session.setJson(false);
      default -> throw new ExpressionException(Kind.SYNTAX, arguments.text(), at);
    }
    return Lines.of("JSON output is " + (session.json() ? "on" : "off"));
  }
}
