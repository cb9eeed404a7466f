// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/** The lines of text files whose lines may be of any length. */
public final class TextLines {
  private TextLines() {}

  /** The next line without its end, cut to a number of characters; null at the end. */
  public static @Nullable String next(Reader reader, int max) throws IOException {
    int c = reader.read();
    if (c < 0) {
      return null;
    }
    StringBuilder line = new StringBuilder();
    for (; c >= 0 && c != '\n'; c = reader.read()) {
      if (c != '\r' && line.length() < max) {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
