// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * The three streams of the program, in UTF-8. Standard output is buffered until {@link #flush}.
 *
 * @param out answers
 * @param err notices and complaints
 * @param in what the user types, or what a pipe delivers
 * @param isTerminal true if a person sits at both ends
 */
record Console(Writer out, Writer err, BufferedReader in, boolean isTerminal) {
  private static final int BUFFER = 1 << 16;

  static Console standard() {
    return new Console(
        new BufferedWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8),
            BUFFER),
        new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8),
        new BufferedReader(
            new InputStreamReader(new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8)),
        isTerminal(System.getProperty("jkd.terminal", "")));
  }

  /**
   * @param known what the launcher found out: {@code true}, {@code false}, or nothing, for finding
   *     out here takes a tenth of the start
   */
  private static boolean isTerminal(String known) {
    if (!known.isEmpty()) {
      return known.equals("true");
    }
    java.io.Console terminal = System.console();
    return terminal != null && terminal.isTerminal();
  }

  void print(String text) throws IOException {
    out.write(text);
  }

  void line(String text) throws IOException {
    out.write(text);
    out.write('\n');
  }

  void notice(String text) throws IOException {
    err.write(text);
    err.write('\n');
    err.flush();
  }

  void flush() throws IOException {
    out.flush();
  }
}
