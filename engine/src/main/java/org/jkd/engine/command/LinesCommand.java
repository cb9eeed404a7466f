// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.ExpressionException.Kind;

/** {@code .lines [-e | -d | -t]}: whether source lines are shown; alone it switches. */
final class LinesCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    boolean on = !session.lines();
    if (arguments.eatWord("-e")) {
      on = true;
    } else if (arguments.eatWord("-d")) {
      on = false;
    } else if (!arguments.eatWord("-t") && !arguments.atEnd()) {
      throw arguments.error(Kind.SYNTAX);
    }
    arguments.end();
    session.setLines(on);
    return Lines.of(
        on
            ? "Line number information will be loaded"
            : "Line number information will not be loaded");
  }
}
