// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where typed or piped lines come from. */
interface LineReader {
  /** The next line, or null at the end. */
  @Nullable String read(String prompt) throws IOException;

  /** An editor with history at a terminal; plain lines without a prompt from a pipe. */
  static LineReader of(Console console) {
    return console.isTerminal() ? new TerminalReader() : prompt -> console.in().readLine();
  }
}
