// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Command;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.command.Session;
import org.jkd.objects.MissingTypeException;

/** A command that looks at the structures of the kernel. */
abstract class SystemCommand extends Command {
  @Override
  public final Result run(Arguments arguments, Session session) {
    session.kernel();
    Nt nt = new Nt(session);
    try {
      return run(arguments, nt);
    } catch (MissingTypeException e) {
      throw new CommandException(nt.missing(e));
    }
  }

  /**
   * Runs the command.
   *
   * @throws MissingTypeException if the symbols do not describe what it cannot do without
   */
  abstract Result run(Arguments arguments, Nt nt);
}
