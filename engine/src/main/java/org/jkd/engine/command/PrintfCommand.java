// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/** {@code .printf}: numbers, symbols and strings in a format. */
final class PrintfCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    boolean markup = arguments.eatWord("/D");
    while (arguments.eatWord("/o") || arguments.eatWord("/od") || arguments.eatWord("/oe")) {
      // which kind of output it counts as: all kinds go the same way here
    }
    String format = arguments.quoted();
    List<PrintfFormat.Value> values = new ArrayList<>();
    while (arguments.eat(",")) {
      values.add(
          arguments.peek() == '"'
              ? new PrintfFormat.Value(arguments.quoted(), 0)
              : new PrintfFormat.Value(null, arguments.expression()));
    }
    arguments.end();
    String text = new PrintfFormat(session, values).apply(format);
    return new Printed(markup ? plain(text) : text);
  }

  /** A text without its tags: there is nothing to click on. */
  private static String plain(String text) {
    StringBuilder out = new StringBuilder();
    int pos = 0;
    while (pos < text.length()) {
      char c = text.charAt(pos);
      int end = c == '<' ? text.indexOf('>', pos) : -1;
      if (end > 0) {
        pos = end + 1;
      } else {
        out.append(c);
        pos++;
      }
    }
    return out.toString()
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
  }

  /** A text that ends its lines itself. */
  record Printed(String text) implements Result {
    @Override
    public void text(TextOut out) {
      out.add(text);
    }

    @Override
    public void json(JsonOut out) {
      out.text("text", text);
    }
  }
}
