// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.util.List;
import org.jkd.engine.expr.ExpressionException.Kind;

/** {@code .shell}, which is off unless jkd was started with a switch, and {@code .noshell}. */
final class ShellCommand extends Command {
  @Override
  public boolean takesWholeLine() {
    return true;
  }

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.name().equals(".noshell")) {
      arguments.end();
      session.host().forbidShell();
      return Lines.of("Shell commands disabled");
    }
    String input = "";
    while (arguments.peek() == '-' || arguments.peek() == '/') {
      String option = arguments.word();
      switch (option.substring(1)) {
        case "ci" -> {
          if (!arguments.eat("\"")) {
            throw arguments.error(Kind.SYNTAX);
          }
          arguments.back(arguments.position() - 1);
          input = session.capture(arguments.quoted());
        }
        case "i", "o", "e", "t", "x" -> {
          if (option.length() == 2 && "ioet".indexOf(option.charAt(1)) >= 0) {
            arguments.word(); // files and times of the original are not needed: nothing waits
          }
        }
        default -> throw arguments.error(Kind.SYNTAX);
      }
    }
    String command = arguments.rest();
    if (command.isEmpty()) {
      throw new CommandException(".shell needs a command: an interactive shell is not opened");
    }
    try {
      return new Lines(session.host().shell(command, input).lines().toList());
    } catch (IOException e) {
      throw new CommandException("'" + command + "' could not be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Lines(List.of("'" + command + "' was interrupted"));
    }
  }
}
