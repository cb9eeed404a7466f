// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jkd.symbols.store.StoreSettings;

/**
 * A line at the terminal that says which symbol files are being fetched. It appears only when that
 * takes a while, and goes away afterwards.
 */
final class DownloadLine implements StoreSettings.Progress {
  private static final long PATIENCE = 1_000_000_000L;
  private static final long PACE = 200_000_000L;
  private static final double MEGABYTE = 1 << 20;

  private final Console console;
  private final boolean redact;
  private final LongSupplier clock;
  private final Map<String, String> running = new TreeMap<>();
  private long since;
  private long shown;
  private boolean visible;

  /**
   * @param redact names no file: symbol files are called what their makers' projects are
   * @param clock nanoseconds
   */
  DownloadLine(Console console, boolean redact, LongSupplier clock) {
    this.console = console;
    this.redact = redact;
    this.clock = clock;
  }

  /** How servers are asked in a run of the program. */
  static StoreSettings settings(
      Console console, Map<String, String> environment, boolean offline, boolean redact) {
    StoreSettings settings = StoreSettings.of(environment);
    settings = offline ? settings.withoutServers() : settings;
    return console.isTerminal()
        ? settings.with(new DownloadLine(console, redact, System::nanoTime))
        : settings;
  }

  @Override
  public synchronized void at(String name, long done, long total) {
    long now = clock.getAsLong();
    if (running.isEmpty()) {
      since = now;
    }
    if (done < 0) {
      running.remove(name);
      if (running.isEmpty() && visible) {
        visible = false;
        show("");
      }
      return;
    }
    String of = total < 0 ? "" : String.format(Locale.ROOT, " of %.1f", total / MEGABYTE);
    String shownName = redact ? "a file," : name;
    running.put(name, String.format(Locale.ROOT, "%s %.1f%s MB", shownName, done / MEGABYTE, of));
    if (now - since > PATIENCE && now - shown > PACE) {
      shown = now;
      visible = true;
      int others = running.size() - 1;
      String more = others == 0 ? "" : " and " + others + " more";
      show("fetching " + running.values().iterator().next() + more);
    }
  }

  private void show(String text) {
    try {
      console.err().write("\r\u001b[K" + text);
      console.err().flush();
    } catch (IOException e) {
      visible = false; // nobody looks any more
    }
  }
}
