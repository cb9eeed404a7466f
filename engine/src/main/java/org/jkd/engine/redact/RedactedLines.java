// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.redact;

import java.io.IOException;
import java.util.function.UnaryOperator;

/** Redacts what is written to it and passes it on line by line, so that no piece hides a whole. */
public final class RedactedLines implements Appendable {
  private final Appendable out;
  private final UnaryOperator<String> redaction;
  private final StringBuilder line = new StringBuilder();

  public RedactedLines(Appendable out, UnaryOperator<String> redaction) {
    this.out = out;
    this.redaction = redaction;
  }

  @Override
  public Appendable append(CharSequence text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      append(text.charAt(i));
    }
    return this;
  }

  @Override
  public Appendable append(CharSequence text, int start, int end) throws IOException {
    return append(text.subSequence(start, end));
  }

  @Override
  public Appendable append(char c) throws IOException {
    if (c == '\n') {
      pass();
      out.append('\n');
    } else {
      line.append(c);
    }
    return this;
  }

  /** Passes on a line that has no end yet. */
  public void pass() throws IOException {
    if (!line.isEmpty()) {
      String whole = line.toString();
      line.setLength(0);
      out.append(redaction.apply(whole));
    }
  }
}
