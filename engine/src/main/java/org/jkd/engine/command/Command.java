// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/** A family of commands. Instances are made for one use and keep no state. */
public abstract class Command {
  /**
   * Runs the command.
   *
   * @throws CommandException with the line that kd would print, if there is no answer
   * @throws org.jkd.engine.expr.ExpressionException if an argument has no value
   */
  public abstract Result run(Arguments arguments, Session session);

  /** True if the rest of the line belongs to the command, semicolons included. */
  public boolean takesWholeLine() {
    return false;
  }

  /**
   * True if the rest of the line belongs to the command, semicolons included.
   *
   * @param text the rest of the line from the command's name on
   */
  boolean takesWholeLine(String text) {
    return takesWholeLine();
  }
}
