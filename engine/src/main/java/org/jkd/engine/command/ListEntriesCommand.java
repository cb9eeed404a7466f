// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import org.jkd.image.LinkWalk;

/**
 * {@code dl[b] Address [MaxCount [Size]]}: the entries of a linked list as words of a pointer's
 * width. The layout (a row of words for each entry, the first one's included) is from general
 * knowledge of kd.
 */
final class ListEntriesCommand extends Command {
  private static final long DEFAULT_COUNT = 0x20;
  private static final long MAX_COUNT = 0x10000;
  private static final long MAX_WORDS = 0x100;

  @Override
  public Result run(Arguments arguments, Session session) {
    long start = arguments.address();
    long count = arguments.atEnd() ? DEFAULT_COUNT : arguments.expression();
    long words = arguments.atEnd() ? 2 : arguments.expression();
    arguments.end();
    if (count <= 0 || count > MAX_COUNT || words <= 0 || words > MAX_WORDS) {
      throw arguments.error(org.jkd.engine.expr.ExpressionException.Kind.RANGE);
    }
    boolean back = arguments.name().endsWith("b");
    int max = (int) count - 1;
    LinkWalk walk =
        back
            ? LinkWalk.backward(session.memory(), start, max, a -> a != 0)
            : LinkWalk.forward(session.memory(), start, max, a -> a != 0);
    StringBuilder commands = new StringBuilder();
    commands.append("dp 0x").append(Long.toHexString(start)).append(" L").append(words);
    for (long entry : walk.entries()) {
      commands.append(";dp 0x").append(Long.toHexString(entry));
      commands.append(" L0x").append(Long.toHexString(words));
    }
    String text = session.capture(commands.toString());
    Optional<String> problem =
        walk.end() == LinkWalk.End.CYCLE
            ? Optional.of("The list ends here: it leads back to an entry that is not the first")
            : Optional.empty();
    return new Lines(java.util.stream.Stream.concat(text.lines(), problem.stream()).toList());
  }
}
