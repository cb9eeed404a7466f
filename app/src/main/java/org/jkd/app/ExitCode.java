// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

/** How the program ends. */
final class ExitCode {
  /** Everything was done. */
  static final int DONE = 0;

  /** A command failed. */
  static final int COMMAND_FAILED = 1;

  /** The command line makes no sense. */
  static final int USAGE = 2;

  /** The dump cannot be read or is none. */
  static final int NO_DUMP = 3;

  /** A file that was named, or a JDK, is missing. */
  static final int MISSING = 4;

  private ExitCode() {}
}
