// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.util.Locale;
import org.jkd.engine.program.Subcommand;

/** How far a run is, on standard error: one line that is rewritten, or a line now and then. */
final class Progress {
  private static final long TERMINAL_NANOS = 500_000_000L;
  private static final long OTHER_NANOS = 10_000_000_000L;

  private final Subcommand.Streams streams;
  private final int files;
  private final long start = System.nanoTime();
  private long told = start;
  private int done;
  private long rows;
  private long failures;
  private int width;

  Progress(Subcommand.Streams streams, int files) {
    this.streams = streams;
    this.files = files;
  }

  void row(boolean failed) {
    rows++;
    failures += failed ? 1 : 0;
  }

  void file() {
    done++;
  }

  /** Says it if it is time. */
  void tell() throws IOException {
    long now = System.nanoTime();
    if (now - told < (streams.terminal() ? TERMINAL_NANOS : OTHER_NANOS)) {
      return;
    }
    told = now;
    String line = line(now);
    if (streams.terminal()) {
      streams.err().write('\r' + line + " ".repeat(Math.max(0, width - line.length())));
      width = line.length();
    } else {
      streams.err().write("jkd: " + line + "\n");
    }
    streams.err().flush();
  }

  /** Says it for the last time. */
  void end(long skipped) throws IOException {
    if (width > 0) {
      streams.err().write('\r' + " ".repeat(width) + '\r');
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    streams.notice(
        String.format(
            Locale.ROOT,
            "%d dumps in %.1f s, %.1f dumps/s, %d failed%s",
            rows,
            seconds,
            rows / Math.max(seconds, 1e-3),
            failures,
            skipped == 0 ? "" : "; " + skipped + " were done before"));
  }

  private String line(long now) {
    double seconds = (now - start) / 1e9;
    double rate = done / Math.max(seconds, 1e-3);
    long left = rate == 0 ? 0 : Math.round((files - done) / rate);
    return String.format(
        Locale.ROOT,
        "%d of %d files (%d %%), %.1f dumps/s, %d failed, %s left",
        done,
        files,
        files == 0 ? 100 : 100L * done / files,
        rows / Math.max(seconds, 1e-3),
        failures,
        rate == 0 ? "?" : left / 60 + ":" + String.format(Locale.ROOT, "%02d", left % 60));
  }
}
