// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Interpreter;
import org.jkd.engine.command.Session;
import org.jkd.sample.ReferenceCase;

/** Runs commands as a user would. */
final class Sessions {
  private Sessions() {}

  /** Dumps that stay open, so that their symbols are read once; each answer is a new session. */
  private static final Map<Path, Debuggee> OPEN = new ConcurrentHashMap<>();

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
    return run(Debuggee.open(dump, symbols, images), commands);
  }

  /** As {@link #answer}, of a dump that stays as it is. */
  static List<String> again(Path dump, String symbols, String images, String commands)
      throws IOException {
    Debuggee debuggee = OPEN.get(dump);
    if (debuggee == null) {
      debuggee = Debuggee.open(dump, symbols, images);
      OPEN.put(dump, debuggee);
    }
    return run(debuggee, commands);
  }

  private static List<String> run(Debuggee debuggee, String commands) {
    StringBuilder out = new StringBuilder();
    new Interpreter(new Session(debuggee), out).run(commands);
    return out.toString().lines().toList();
  }
}
