// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Where answers go: into the innermost capture if there is one, else out and into the log. */
final class Answers implements Appendable {
  /** Characters that one capture may hold. */
  private static final int MAX_CAPTURE = 1 << 26;

  private final Appendable out;
  private final LogFile log;
  private final List<StringBuilder> captures = new ArrayList<>();

  Answers(Appendable out, LogFile log) {
    this.out = out;
    this.log = log;
  }

  /** Starts a capture; its number is needed to end it. */
  int capture() {
    captures.add(new StringBuilder());
    return captures.size();
  }

  String captured(int depth) {
    return captures.get(depth - 1).toString();
  }

  /** Ends a capture and those within it. */
  void release(int depth) {
    while (captures.size() >= depth) {
      captures.removeLast();
    }
  }

  /** Ends all captures. */
  void reset() {
    captures.clear();
  }

  @Override
  public Appendable append(CharSequence text) throws IOException {
    if (captures.isEmpty()) {
      out.append(text);
      log.write(text);
      return this;
    }
    StringBuilder capture = captures.getLast();
    if (capture.length() + text.length() > MAX_CAPTURE) {
      throw new CommandException("The commands write more than can be kept");
    }
    capture.append(text);
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
}
