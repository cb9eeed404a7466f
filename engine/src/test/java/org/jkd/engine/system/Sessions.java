// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Interpreter;
import org.jkd.engine.command.Session;
import org.jkd.sample.ReferenceCase;

/** Runs commands as a user would. */
final class Sessions {
  private Sessions() {}

  /** What commands answer on the dump of a folder that the reference case was written to. */
  static List<String> reference(Path folder, String dump, String commands) throws IOException {
    return answer(
        folder.resolve(dump),
        folder.resolve(ReferenceCase.SYMBOLS).toString(),
        folder.resolve(ReferenceCase.IMAGES).toString(),
        commands);
  }

  /** What commands answer, whether they fail or not. */
  static List<String> answer(Path dump, String symbols, String images, String commands)
      throws IOException {
    StringBuilder out = new StringBuilder();
    new Interpreter(new Session(Debuggee.open(dump, symbols, images)), out).run(commands);
    return out.toString().lines().toList();
  }
}
