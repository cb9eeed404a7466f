// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;

/** Words for log lines. */
final class StoreText {
  private static final int MAX = 200;

  private StoreText() {}

  /** A foreign text on one line of bounded length, without control characters. */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length() && line.length() < MAX; i++) {
      char c = text.charAt(i);
      line.append(c < ' ' || c == 0x7f ? ' ' : c);
    }
    return line.toString().strip();
  }

  /** What went wrong. */
  static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getMessage() == null
        && cause.getCause() != null
        && !(cause.getCause() instanceof ClosedChannelException)) {
      cause = cause.getCause();
    }
    String words =
        switch (cause) {
          case AccessDeniedException a -> "access denied: " + a.getMessage();
          case NoSuchFileException n -> "no such file: " + n.getMessage();
          case UnresolvedAddressException u -> "no such host";
          case ConnectException c when c.getMessage() == null -> "connection refused";
          default ->
              cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        };
    return oneLine(words);
  }

  /** {@code 30 s} or {@code 300 ms}. */
  static String time(Duration d) {
    return d.toMillis() % 1000 == 0 ? d.toSeconds() + " s" : d.toMillis() + " ms";
  }
}
