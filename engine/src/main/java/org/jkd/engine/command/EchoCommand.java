// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/** {@code .echo}: prints a text; quotes around it are stripped. */
final class EchoCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    String text = arguments.rest();
    if (text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")) {
      text = text.substring(1, text.length() - 1);
    }
    return Lines.of(text);
  }
}
