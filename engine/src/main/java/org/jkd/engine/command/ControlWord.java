// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.ExpressionException.Kind;

/**
 * The words that steer a script. {@link Script} runs them; as a command of its own one of them
 * stands where it does not belong, as {@code .else} without an {@code .if}.
 */
final class ControlWord extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.back(0);
    throw arguments.error(Kind.SYNTAX);
  }

  /** True for the words that {@link Script} runs. */
  static boolean steers(String name) {
    return switch (name) {
      case ".if",
          ".for",
          ".while",
          ".do",
          ".break",
          ".continue",
          ".block",
          ".catch",
          ".leave",
          ".foreach",
          "j",
          "z",
          "$<",
          "$><",
          "$$<",
          "$$><",
          "$$>a<" ->
          true;
      default -> Repetition.isName(name);
    };
  }
}
