// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/** A command that cannot answer. The message is shown to the user as it stands. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CommandException(String message) {
    super(message);
  }
}
