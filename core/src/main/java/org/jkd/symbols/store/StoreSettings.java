// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How servers are asked.
 *
 * @param offline asks no server; caches still count
 * @param cache the folder for what servers send where the path names none
 * @param connect how long a connection may take to come about
 * @param stall how long a server may be silent before or within an answer
 * @param total how long one file may take altogether
 * @param tries how often a request is made before it is given up
 * @param backOff the pause before the second try, doubled for each further one
 * @param absent how long it is remembered on disk that a server does not have a file
 * @param parallel how many files are fetched at a time
 * @param maxBytes of one file, compressed or not
 * @param proxy through which servers are asked; otherwise what the Java machine is told
 * @param progress hears of downloads
 */
public record StoreSettings(
    boolean offline,
    Path cache,
    Duration connect,
    Duration stall,
    Duration total,
    int tries,
    Duration backOff,
    Duration absent,
    int parallel,
    long maxBytes,
    Optional<InetSocketAddress> proxy,
    Progress progress) {
  private static final long MAX_BYTES = 8L << 30;
  private static final int MAX_SECONDS = 86_400;

  /** Hears how far a download is; called often, by several threads. */
  public interface Progress {
    /** Nobody listens. */
    Progress NONE = (name, done, total) -> {};

    /**
     * @param name of the file
     * @param done bytes so far; −1 when the download has ended, well or not
     * @param total bytes of the file, −1 when the server does not say
     */
    void at(String name, long done, long total);
  }

  /**
   * What environment variables say.
   *
   * <p>{@code JKD_OFFLINE} asks no server unless it is empty or {@code 0}; {@code JKD_SYMBOL_CACHE}
   * names the folder; {@code JKD_SYMBOL_TIMEOUT} is the seconds of silence after which a server is
   * given up; {@code _NT_SYMBOL_PROXY} is {@code host:port}.
   */
  public static StoreSettings of(Map<String, String> environment) {
    String offline = environment.getOrDefault("JKD_OFFLINE", "").strip();
    int seconds = number(environment.get("JKD_SYMBOL_TIMEOUT"), 30);
    return new StoreSettings(
        !offline.isEmpty() && !offline.equals("0"),
        cache(environment),
        Duration.ofSeconds(Math.min(seconds, 10)),
        Duration.ofSeconds(seconds),
        Duration.ofMinutes(30),
        3,
        Duration.ofMillis(500),
        Duration.ofHours(24),
        8,
        MAX_BYTES,
        proxy(environment.getOrDefault("_NT_SYMBOL_PROXY", "")),
        Progress.NONE);
  }

  /** The same, but asking no server. */
  public StoreSettings withoutServers() {
    return new StoreSettings(
        true, cache, connect, stall, total, tries, backOff, absent, parallel, maxBytes, proxy,
        progress);
  }

  /** The same with a listener. */
  public StoreSettings with(Progress listener) {
    return new StoreSettings(
        offline, cache, connect, stall, total, tries, backOff, absent, parallel, maxBytes, proxy,
        listener);
  }

  private static int number(@Nullable String text, int otherwise) {
    try {
      return text == null ? otherwise : Math.clamp(Integer.parseInt(text.strip()), 1, MAX_SECONDS);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private static Path cache(Map<String, String> environment) {
    String named = environment.getOrDefault("JKD_SYMBOL_CACHE", "");
    try {
      if (!named.isEmpty()) {
        return Path.of(named);
      }
      for (String folder : new String[] {"LOCALAPPDATA", "XDG_CACHE_HOME"}) {
        String root = environment.getOrDefault(folder, "");
        if (!root.isEmpty()) {
          return Path.of(root, "jkd", "symbols");
        }
      }
    } catch (InvalidPathException e) {
      return home(); // a variable that is no path
    }
    return home();
  }

  private static Path home() {
    return Path.of(System.getProperty("user.home", "."), ".cache", "jkd", "symbols");
  }

  private static Optional<InetSocketAddress> proxy(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      return Optional.empty();
    }
    int port = number(text.substring(colon + 1), 0);
    return port == 0 || port > 0xffff
        ? Optional.empty()
        : Optional.of(InetSocketAddress.createUnresolved(text.substring(0, colon), port));
  }
}
