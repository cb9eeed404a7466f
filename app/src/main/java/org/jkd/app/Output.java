// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Standard output, and the log file if there is one. */
final class Output implements Appendable, Closeable {
  private final Console console;
  private final @Nullable BufferedWriter log;
  private Appendable screen;

  Output(Console console, Optional<Path> log) throws IOException {
    this.console = console;
    this.screen = console.out();
    this.log = log.isPresent() ? Files.newBufferedWriter(log.get()) : null;
  }

  @Override
  public Appendable append(CharSequence text) throws IOException {
    screen.append(text);
    if (log != null) {
      log.append(text);
    }
    return this;
  }

  @Override
  public Appendable append(CharSequence text, int start, int end) throws IOException {
    return append(text.subSequence(start, end));
  }

  @Override
  public Appendable append(char c) throws IOException {
    return append(String.valueOf(c));
  }

  /** From now on answers take this way to standard output; the log goes on as it was. */
  void showThrough(Appendable way) {
    screen = way;
  }

  void line(String text) {
    try {
      append(text).append('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was typed stands on the screen already; the log wants it too. */
  void logInput(String line) throws IOException {
    if (log != null) {
      log.append(line).append('\n');
    }
  }

  void flush() throws IOException {
    if (screen instanceof Screen lines) {
      lines.flush();
    }
    console.flush();
    if (log != null) {
      log.flush();
    }
  }

  @Override
  public void close() throws IOException {
    flush();
    if (log != null) {
      log.close();
    }
  }
}
