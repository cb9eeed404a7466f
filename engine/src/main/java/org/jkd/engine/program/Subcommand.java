// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.program;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Map;

/** {@code jkd NAME ...}, provided by a module of its own. */
public interface Subcommand {
  /** What is typed behind {@code jkd}. */
  String name();

  /** What {@code --help} prints. */
  String help();

  /**
   * Does the work.
   *
   * @param args what stands behind the name
   * @return the exit code
   * @throws WrongUsage if the arguments make no sense
   * @throws Missing if a file that is named does not exist
   */
  int run(List<String> args, Map<String, String> environment, Streams streams) throws IOException;

  /**
   * Where it writes.
   *
   * @param out answers
   * @param err progress and complaints; whoever writes flushes
   * @param terminal true if a person watches
   */
  record Streams(Writer out, Writer err, boolean terminal) {
    /** A line for people, at once. */
    public void notice(String text) throws IOException {
      err.write("jkd: " + text + "\n");
      err.flush();
    }
  }

  /** The arguments make no sense. */
  final class WrongUsage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A line that says which. */
    public WrongUsage(String message) {
      super(message);
    }
  }

  /** A file that was named does not exist. */
  final class Missing extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A line that names it. */
    public Missing(String message) {
      super(message);
    }
  }
}
