// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/** What a command found out; usually a record that holds everything both forms need. */
public interface Result {
  /** Writes kd's text. */
  void text(TextOut out);

  /** Writes the fields of the command's JSON object, which is open already. */
  void json(JsonOut out);
}
