// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.OptionalLong;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.image.Memory;

/**
 * {@code d db dw dW dd dc dq dp df dD dyb dyd da du}: memory in columns, with {@code /c width} and
 * {@code /p} for physical addresses; {@code !db !dc !dd !dq !dp !dw}, which are physical always.
 */
final class MemoryCommand extends Command {
  private static final int MAX_TEXT = 0x4000;

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean hash = arguments.name().startsWith("!");
    boolean physical = hash;
    String letters = arguments.name().substring(hash ? 2 : 1);
    int columns = 0;
    while (arguments.peek() == '/') {
      if (arguments.eat("/c")) {
        columns = Math.clamp(arguments.expression(), 1, 0x100);
      } else if (arguments.eat("/p")) {
        physical = true;
        // How the processor would cache the access decides nothing in a dump.
        boolean ignored = arguments.eatWord("[c]") || arguments.eatWord("[uc]");
        ignored |= arguments.eatWord("[wc]");
      } else {
        throw arguments.error(Kind.SYNTAX);
      }
    }
    if (hash) {
      boolean ignored = arguments.eatWord("[c]") || arguments.eatWord("[uc]");
      ignored |= arguments.eatWord("[wc]");
    }
    Memory memory = physical ? session.neededPhysical() : session.memory().memory();
    MemoryFormat format = format(letters, session);
    if (format == MemoryFormat.ASCII || format == MemoryFormat.UNICODE) {
      return text(arguments, session, memory, format);
    }
    int unit = format.unit();
    Range range =
        arguments.range(
            session.bookmarks().nextAddress(), unit, format.defaultBytes() / unit, !physical);
    arguments.end();
    long count = range.count();
    if (!physical && session.arch().pointerSize() == 4) {
      count = Math.min(count, Math.max(1, ((1L << 32) - range.start()) / unit));
    }
    session.bookmarks().setNextAddress(range.start() + count * unit);
    OptionalLong last =
        physical
            ? session.readPhysical(range.start() + (count - 1) * unit, Math.min(8, unit))
            : session.read(range.start() + (count - 1) * unit, Math.min(8, unit));
    last.ifPresent(session.numbers()::setLastShown);
    return new MemoryTable(
        session.arch(),
        format,
        memory,
        range.start(),
        count,
        columns > 0 ? columns : format.columns(),
        hash);
  }

  /** {@code d} alone repeats the last format. */
  private static MemoryFormat format(String letters, Session session) {
    MemoryFormat format =
        letters.isEmpty()
            ? session.bookmarks().memoryFormat()
            : MemoryFormat.of(letters, session.arch().pointerSize());
    session.bookmarks().setMemoryFormat(format);
    return format;
  }

  private static Result text(
      Arguments arguments, Session session, Memory memory, MemoryFormat format) {
    Range range = arguments.range(session.bookmarks().nextAddress(), format.unit(), 0);
    arguments.end();
    long limit = range.count() == 0 ? MAX_TEXT : Math.min(range.count(), MAX_TEXT);
    StringBuilder text = new StringBuilder();
    byte[] unit = new byte[2];
    long at = range.start();
    boolean readable = true;
    while (text.length() < limit) {
      if (memory.read(at, unit, 0, format.unit()) < format.unit()) {
        readable = !text.isEmpty();
        break;
      }
      int c = unit[0] & 0xff | (format.unit() == 2 ? (unit[1] & 0xff) << 8 : 0);
      at += format.unit();
      if (c == 0) {
        break;
      }
      text.append(c >= 0x20 && c < 0x7f ? (char) c : '.');
    }
    session.bookmarks().setNextAddress(at);
    return new MemoryText(range.start(), format.unit(), text.toString(), readable);
  }
}
