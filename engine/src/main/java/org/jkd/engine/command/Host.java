// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What commands may do on the machine that jkd runs on. */
public interface Host {
  /** Opens a file for a log. */
  Writer open(Path file, boolean append, boolean unicode) throws IOException;

  /** The lines of a script or another text file. */
  List<String> lines(Path file) throws IOException;

  /** An environment variable. */
  Optional<String> environment(String name);

  /**
   * Runs a command of the host's shell.
   *
   * @param input what it reads
   * @return what it wrote
   * @throws CommandException if such commands are switched off, as they are unless asked for
   */
  String shell(String command, String input) throws IOException, InterruptedException;

  /** Switches {@link #shell} off for the rest of the session. */
  void forbidShell();
}
