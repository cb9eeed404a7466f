// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** Lines that a person edits. This class is loaded at a terminal only: it costs 300 ms. */
final class TerminalReader implements LineReader {
  private org.jline.reader.@Nullable LineReader editor;

  @Override
  public @Nullable String read(String prompt) throws IOException {
    org.jline.reader.LineReader reader = editor;
    if (reader == null) {
      reader =
          LineReaderBuilder.builder()
              .terminal(TerminalBuilder.builder().system(true).build())
              .option(org.jline.reader.LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
      editor = reader;
    }
    try {
      return reader.readLine(prompt);
    } catch (UserInterruptException e) {
      return ""; // Ctrl-C drops the line, not the session
    } catch (EndOfFileException e) {
      return null;
    }
  }
}
