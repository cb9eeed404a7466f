// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.image.Memory;

/**
 * {@code d db dw dW dd dc dq dp df dD dyb dyd da du}: memory in columns, with {@code /c width} and
 * {@code /p} for physical addresses.
 */
final class MemoryCommand extends Command {
  private static final int MAX_BYTES = 1 << 28;
  private static final int MAX_TEXT = 0x4000;

  @Override
  public Result run(Arguments arguments, Session session) {
    String letters = arguments.name().substring(1);
    boolean physical = false;
    int columns = 0;
    while (arguments.peek() == '/') {
      if (arguments.eat("/c")) {
        columns = (int) Math.max(1, Math.min(0x100, arguments.expression()));
      } else if (arguments.eat("/p")) {
        physical = true;
      } else {
        throw arguments.error(Kind.SYNTAX);
      }
    }
    Memory memory = memory(session, physical);
    MemoryFormat format = format(letters, session);
    if (format == MemoryFormat.ASCII || format == MemoryFormat.UNICODE) {
      return text(arguments, session, memory, format);
    }
    int count = format.defaultBytes() / format.unit();
    Range range = arguments.range(session.nextAddress(), format.unit(), count);
    arguments.end();
    if (range.count() > MAX_BYTES / format.unit()) {
      throw arguments.error(Kind.RANGE);
    }
    int bytes = (int) range.count() * format.unit();
    session.setNextAddress(range.start() + bytes);
    MemoryBlock block = MemoryBlock.read(memory, range.start(), bytes);
    return new MemoryTable(session.arch(), format, block, columns > 0 ? columns : format.columns());
  }

  private static Memory memory(Session session, boolean physical) {
    return physical
        ? session
            .physical()
            .orElseThrow(() -> new CommandException("This dump holds no physical memory"))
        : session.memory().memory();
  }

  /** {@code d} alone repeats the last format. */
  private static MemoryFormat format(String letters, Session session) {
    MemoryFormat format =
        letters.isEmpty()
            ? session.memoryFormat()
            : MemoryFormat.of(letters, session.arch().pointerSize());
    session.setMemoryFormat(format);
    return format;
  }

  private static Result text(
      Arguments arguments, Session session, Memory memory, MemoryFormat format) {
    Range range = arguments.range(session.nextAddress(), format.unit(), 0);
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
    session.setNextAddress(at);
    return new MemoryText(range.start(), format.unit(), text.toString(), readable);
  }
}
