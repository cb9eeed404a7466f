// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.expr.NamePattern;
import org.jkd.image.Cancellation;

/**
 * {@code # [Pattern] [Address [L Size]]}: the next instruction whose line holds a text. Without an
 * address the search goes on behind the last hit, without a pattern for the same text. {@code Size}
 * counts instructions.
 */
final class CodeSearchCommand extends Command {
  /** Instructions that a search without a size goes through: more than any module has. */
  private static final long MAX_INSTRUCTIONS = 1 << 22;

  @Override
  public Result run(Arguments arguments, Session session) {
    if (!arguments.atEnd()) {
      session
          .bookmarks()
          .setCodePattern(arguments.peek() == '"' ? arguments.quoted() : arguments.word());
    }
    if (session.bookmarks().codePattern().isEmpty()) {
      throw arguments.error(Kind.SYNTAX);
    }
    Range range = arguments.range(session.bookmarks().nextSearch(), 1, MAX_INSTRUCTIONS);
    arguments.end();
    NamePattern pattern = new NamePattern("*" + session.bookmarks().codePattern() + "*");
    CodeText code = new CodeText(session);
    long at = range.start();
    for (long i = 0; i < Math.min(range.count(), MAX_INSTRUCTIONS); i++) {
      Cancellation.check();
      CodeText.Line line = code.at(at);
      if (line.bytes() == 0) {
        throw new CommandException("Search ended at unreadable memory: " + line.text());
      }
      at = session.arch().address(at + line.bytes());
      // Patterns were written by users of kd, who take single blanks for the columns' many.
      if (pattern.matches(line.text()) || pattern.matches(line.text().replaceAll(" +", " "))) {
        session.bookmarks().setNextSearch(at);
        return new UnassembleCommand.Listing(List.of(line));
      }
    }
    session.bookmarks().setNextSearch(at);
    return Lines.NONE;
  }
}
