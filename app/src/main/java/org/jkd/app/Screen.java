// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import java.util.function.UnaryOperator;

/** Answers on their way to a terminal: whole lines get colours, and a pager may stop between. */
final class Screen implements Appendable {
  /** Called before each line; may wait for a key. */
  @FunctionalInterface
  interface Pager {
    void beforeLine(String line) throws IOException;
  }

  private final Appendable terminal;
  private final UnaryOperator<String> paint;
  private final Pager pager;
  private final StringBuilder begun = new StringBuilder();

  Screen(Appendable terminal, UnaryOperator<String> paint, Pager pager) {
    this.terminal = terminal;
    this.paint = paint;
    this.pager = pager;
  }

  @Override
  public Appendable append(CharSequence text) throws IOException {
    return append(text, 0, text.length());
  }

  @Override
  public Appendable append(CharSequence text, int start, int end) throws IOException {
    for (int i = start; i < end; i++) {
      append(text.charAt(i));
    }
    return this;
  }

  @Override
  public Appendable append(char c) throws IOException {
    if (c == '\n') {
      finish();
    } else {
      begun.append(c);
    }
    return this;
  }

  private void finish() throws IOException {
    String line = begun.toString();
    begun.setLength(0);
    pager.beforeLine(line);
    terminal.append(paint.apply(line)).append('\n');
  }

  /** Shows a line that has not ended: the text before a cursor, say. */
  void flush() throws IOException {
    terminal.append(begun);
    begun.setLength(0);
  }
}
