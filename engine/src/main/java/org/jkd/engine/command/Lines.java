// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/** A result that is nothing but lines of text. */
public record Lines(List<String> lines) implements Result {
  /** No output at all, as from {@code .cls}. */
  public static final Lines NONE = new Lines(List.of());

  /** A few lines. */
  public static Lines of(String... lines) {
    return new Lines(List.of(lines));
  }

  @Override
  public void text(TextOut out) {
    for (String line : lines) {
      out.line(line);
    }
  }

  @Override
  public void json(JsonOut out) {
    out.optional("text", String.join("\n", lines));
  }
}
