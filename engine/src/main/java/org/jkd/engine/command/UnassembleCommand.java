// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/** {@code u}, {@code uu}, backwards {@code ub}, and {@code up}, which takes physical addresses. */
final class UnassembleCommand extends Command {
  private static final int DEFAULT_COUNT = 8;

  /** Instructions that one command lists. */
  private static final int MAX_COUNT = 1 << 16;

  /** A length among the arguments: the {@code L} of {@code L8}, {@code L 8}, {@code L-8}. */
  private static final Pattern LENGTH = Pattern.compile("(^|[ ,\t])[lL][ \t]*[?$@(\\-0-9a-fA-F]");

  private static final Pattern BACKWARDS = Pattern.compile("(^|[ ,\t])[lL][ \t]*\\??-");

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean back = arguments.name().equals("ub");
    String text = arguments.text().substring(arguments.position());
    boolean given = !arguments.atEnd();
    Range range = arguments.range(session.bookmarks().nextCode(), 1, DEFAULT_COUNT);
    arguments.end();
    boolean physical = arguments.name().equals("up");
    CodeText code =
        physical ? new CodeText(session, session.neededPhysical()) : new CodeText(session);
    long start = range.start();
    long count = Math.min(range.count(), MAX_COUNT);
    if (given && BACKWARDS.matcher(text).find()) {
      start += range.count();
      back = true;
    }
    if (back) {
      return backwards(session, code, start, count);
    }
    boolean byEnd = given && range.count() != DEFAULT_COUNT && !LENGTH.matcher(text).find();
    List<CodeText.Line> lines =
        byEnd ? upTo(session, code, start, range.count()) : code.from(start, count);
    CodeText.Line last = lines.getLast();
    session.bookmarks().setNextCode(last.address() + last.bytes());
    return new Listing(lines);
  }

  private static Listing backwards(Session session, CodeText code, long end, long count) {
    List<CodeText.Line> lines = new ArrayList<>();
    for (long start : new BackwardCode(session, code).before(end, count)) {
      lines.add(code.at(start));
    }
    if (lines.isEmpty()) {
      lines.add(code.at(end - 1));
    }
    session.bookmarks().setNextCode(lines.getFirst().address());
    return new Listing(lines);
  }

  private static List<CodeText.Line> upTo(Session session, CodeText code, long start, long bytes) {
    List<CodeText.Line> lines = new ArrayList<>();
    long done = 0;
    while (done < bytes && lines.size() < MAX_COUNT) {
      CodeText.Line line = code.at(session.arch().address(start + done));
      lines.add(line);
      if (line.bytes() == 0) {
        break;
      }
      done += line.bytes();
    }
    return lines;
  }

  /** Instructions in a row. */
  record Listing(List<CodeText.Line> lines) implements Result {
    @Override
    public void text(TextOut out) {
      CodeText.text(lines, out);
    }

    @Override
    public void json(JsonOut out) {
      out.objects("instructions", lines, CodeText::json);
    }
  }
}
