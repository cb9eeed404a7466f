// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;

/**
 * Commands that a dump refuses, in kd's words: those that write memory, let the target run or set
 * breakpoints. A user who types one learns that the dump is the reason and not the spelling.
 */
final class RefusedCommand extends Command {
  /** The names by the reason for which they are refused. */
  record Refused(Kind kind, List<String> names, String summary) {}

  static final List<Refused> ALL =
      List.of(
          new Refused(
              Kind.WRITE,
              List.of(
                  "e", "ea", "eb", "ed", "eD", "ef", "ep", "eq", "eu", "ew", "eza", "ezu", "f",
                  "fp", "m", "a", "!eb", "!ed"),
              "write memory: refused in a dump"),
          new Refused(
              Kind.NOT_RUNNABLE,
              List.of(
                  "g", "gc", "gh", "gn", "gN", "gu", "p", "pa", "pc", "pct", "ph", "pt", "t", "ta",
                  "tb", "tc", "tct", "th", "tt", "wt"),
              "let the target run: refused in a dump"),
          new Refused(
              Kind.LIVE,
              List.of(
                  "ba",
                  "bp",
                  "bu",
                  "bm",
                  "ib",
                  "id",
                  "iw",
                  "ob",
                  "od",
                  "ow",
                  "rdmsr",
                  "wrmsr",
                  ".abandon",
                  ".attach",
                  ".breakin",
                  ".call",
                  ".childdbg",
                  ".closehandle",
                  ".create",
                  ".createdir",
                  ".detach",
                  ".dvalloc",
                  ".dvfree",
                  ".pagein",
                  ".tlist",
                  ".crash",
                  ".reboot",
                  ".kill",
                  ".restart",
                  ".writemem"),
              "needs a live target: refused in a dump"));

  static boolean refuses(String name) {
    return ALL.stream().anyMatch(r -> r.names().contains(name));
  }

  @Override
  public Result run(Arguments arguments, Session session) {
    for (Refused refused : ALL) {
      if (refused.names().contains(arguments.name())) {
        throw new ExpressionException(refused.kind(), arguments.text(), arguments.text().length());
      }
    }
    throw new IllegalStateException(arguments.name());
  }
}
