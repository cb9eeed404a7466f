// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/** {@code .cls}: clears the terminal, if there is one; there is nothing to print. */
final class ClearCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.end();
    session.clearScreen();
    return Lines.NONE;
  }
}
