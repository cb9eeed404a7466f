// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Where typed or piped lines come from, and what may stop the answers to them. */
interface LineReader extends AutoCloseable {
  /** The next line, or null at the end. */
  @Nullable String read(String prompt) throws IOException;

  /** Runs the commands of a line, which Ctrl-C stops where there is a keyboard. */
  boolean run(BooleanSupplier commands);

  /** Where answers go on their way to the screen; {@code plain} itself where there is none. */
  Appendable screen(Appendable plain);

  /** Clears the screen, where there is one. */
  default void clear() {}

  @Override
  void close() throws IOException;

  /** Lines out of a pipe or a file: no prompt, no editing. */
  static LineReader piped(BufferedReader in) {
    return new LineReader() {
      @Override
      public @Nullable String read(String prompt) throws IOException {
        return in.readLine();
      }

      @Override
      public boolean run(BooleanSupplier commands) {
        return commands.getAsBoolean();
      }

      @Override
      public Appendable screen(Appendable plain) {
        return plain;
      }

      @Override
      public void close() {}
    };
  }
}
