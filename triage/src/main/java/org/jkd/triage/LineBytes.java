// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jkd.image.FormatException;

/** The lines of a file as bytes, each with its line feed; the last may lack it. */
final class LineBytes implements Closeable {
  /** A longer line is no row. */
  private static final int MAX_LINE = 1 << 24;

  private final Path path;
  private final InputStream in;

  LineBytes(Path path) throws IOException {
    this.path = path;
    this.in = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
  }

  /** The next line; of no bytes at the end. */
  byte[] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(2048);
    for (int b = in.read(); b >= 0; b = in.read()) {
      line.write(b);
      if (b == '\n') {
        break;
      }
      if (line.size() > MAX_LINE) {
        throw new FormatException(path.toString(), -1, "has a line of more than 16 MB");
      }
    }
    return line.toByteArray();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
