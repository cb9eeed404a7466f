// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;

/** {@code .pager [on|off]}: whether a terminal stops after each screen of an answer. */
final class PagerCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.atEnd();
    int at = arguments.position();
    switch (arguments.word()) {
      case "" -> {}
      case "on", "1" -> session.setPaging(true);
      case "off", "0" -> session.setPaging(false);
      default -> throw new ExpressionException(Kind.SYNTAX, arguments.text(), at);
    }
    return Lines.of("Paging is " + (session.paging() ? "on" : "off"));
  }
}
