// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.ExpressionException.Kind;

/**
 * Settings and commands about breakpoints and events that change nothing in a dump, and that
 * scripts begin with: {@code .prefer_dml 1}, {@code .enable_unicode 1}, {@code bc *}, {@code sxe
 * ld}. They are accepted without a word, as in kd.
 */
final class SettingCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    return switch (arguments.name()) {
      case ".prefer_dml" -> {
        boolean on = flag(arguments);
        yield Lines.of("DML versions of commands " + (on ? "on" : "off") + " by default");
      }
      case ".enable_unicode", ".enable_long_status", ".force_radix_output" -> {
        flag(arguments);
        yield Lines.NONE;
      }
      default -> {
        arguments.rest();
        yield Lines.NONE;
      }
    };
  }

  private static boolean flag(Arguments arguments) {
    if (arguments.atEnd()) {
      throw arguments.error(Kind.SYNTAX);
    }
    boolean on = arguments.expression() != 0;
    arguments.end();
    return on;
  }
}
