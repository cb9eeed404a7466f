// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The copy of all answers that {@code .logopen} starts. */
final class LogFile {
  private @Nullable Writer writer;
  private String name = "";
  private boolean appending;

  boolean isOpen() {
    return writer != null;
  }

  /** The name as it was given. */
  String name() {
    return name;
  }

  /** True if the file was opened to be continued. */
  boolean isAppending() {
    return appending;
  }

  void open(Host host, Path file, boolean append, boolean unicode) throws IOException {
    writer = host.open(file, append, unicode);
    name = file.toString();
    appending = append;
  }

  void write(CharSequence text) {
    Writer to = writer;
    if (to != null) {
      try {
        to.append(text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  void flush() {
    Writer to = writer;
    if (to != null) {
      try {
        to.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  void close() throws IOException {
    Writer to = writer;
    writer = null;
    if (to != null) {
      to.close();
    }
  }
}
