// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/** {@code .cls}: the program clears its window, if it has one; there is nothing to print. */
final class ClearCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.end();
    return Lines.NONE;
  }
}
