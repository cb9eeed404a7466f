// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.ExpressionException.Kind;

/**
 * {@code .load .loadby .unload .unloadall .chain .setdll .extpath}: extensions for dbgeng are
 * Windows libraries, so there are none to load. Scripts begin with these commands; they are told in
 * kd's words that the library is not there, and go on.
 */
final class ExtensionsCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    String rest = arguments.rest();
    return switch (arguments.name()) {
      case ".chain" ->
          Lines.of(
              "Extension DLL chain:",
              "    jkd's own commands: built in, always there; libraries cannot be added");
      case ".unloadall", ".extpath" -> Lines.NONE;
      default -> {
        if (rest.isEmpty()) {
          throw arguments.error(Kind.SYNTAX);
        }
        String library = rest.split("[ \t]+", 2)[0];
        throw new CommandException(
            arguments.name().startsWith(".load")
                ? "The call to LoadLibrary("
                    + library
                    + ") failed, Win32 error 0n2\n"
                    + "    \"The system cannot find the file specified.\"\n"
                    + "jkd's commands are built in; extensions for dbgeng cannot be loaded"
                : "Extension DLL " + library + " is not loaded");
      }
    };
  }
}
