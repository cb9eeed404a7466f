// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/**
 * A string out of memory.
 *
 * @param unit bytes per character: 1 or 2
 * @param readable false if not even the first character could be read
 */
record MemoryText(long start, int unit, String value, boolean readable) implements Result {
  private static final int LINE = 32;

  @Override
  public void text(TextOut out) {
    if (!readable) {
      out.line(out.address(start) + "  \"" + "?".repeat(LINE) + "\"");
      return;
    }
    int at = 0;
    do {
      String part = value.substring(at, Math.min(value.length(), at + LINE));
      out.line(out.address(start + (long) at * unit) + "  \"" + part + "\"");
      at += LINE;
    } while (at < value.length());
  }

  @Override
  public void json(JsonOut out) {
    out.address("address", start).flag("readable", readable).text("text", value);
  }
}
