// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.List;
import java.util.function.Consumer;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/**
 * The lines that kd would print, and the same facts for JSON.
 *
 * @param fields writes the fields of the JSON object
 */
record Answer(List<String> lines, Consumer<JsonOut> fields) implements Result {
  @Override
  public void text(TextOut out) {
    lines.forEach(out::line);
  }

  @Override
  public void json(JsonOut out) {
    fields.accept(out);
  }
}
