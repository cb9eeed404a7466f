// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A program in a real terminal of tmux, a server of its own for each. */
final class Tmux implements AutoCloseable {
  private static final long PATIENCE = 60_000_000_000L;

  private static final int LOOKS_PER_TRY = 100;

  private final String server;

  Tmux(Path folder, Map<String, String> environment, List<String> command) {
    this.server = folder.resolve("tmux-" + Long.toHexString(System.nanoTime())).toString();
    List<String> start =
        new ArrayList<>(List.of("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30"));
    environment.forEach((name, value) -> start.addAll(List.of("-e", name + "=" + value)));
    start.add(command.stream().map(Tmux::quoted).reduce("exec", (a, b) -> a + " " + b));
    tmux(start.toArray(String[]::new));
  }

  static boolean isInstalled() {
    try {
      return new ProcessBuilder("tmux", "-V").redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /** Presses keys, in tmux's names for them. */
  void keys(String... keys) {
    List<String> all = new ArrayList<>(List.of("send-keys"));
    all.addAll(Arrays.asList(keys));
    tmux(all.toArray(String[]::new));
  }

  /** Types text as it is. */
  void type(String text) {
    tmux("send-keys", "-l", text);
  }

  void resize(int columns, int rows) {
    tmux("resize-window", "-x", String.valueOf(columns), "-y", String.valueOf(rows));
  }

  /** What stands on the screen. */
  String screen() {
    return tmux("capture-pane", "-p");
  }

  /** What stands on the screen, with its colours. */
  String colouredScreen() {
    return tmux("capture-pane", "-p", "-e");
  }

  String title() {
    return tmux("display-message", "-p", "#{pane_title}");
  }

  /**
   * Looks at the screen until it shows what is wanted; {@code meanwhile} is done before each look.
   */
  String await(Predicate<String> wanted, Runnable meanwhile) {
    long end = System.nanoTime() + PATIENCE;
    String seen = "";
    while (System.nanoTime() < end) {
      meanwhile.run();
      seen = screen();
      if (wanted.test(seen)) {
        return seen;
      }
    }
    return fail("the screen never showed it; it shows:\n" + seen);
  }

  String await(String text) {
    return await(s -> s.contains(text), () -> {});
  }

  /**
   * Presses the keys again until the screen shows what is wanted: keys that come while the program
   * changes between a command and its prompt may get lost, at other terminals as well.
   */
  String until(String wanted, String... keys) {
    int[] looks = {0};
    return await(
        s -> s.contains(wanted),
        () -> {
          if (looks[0]++ % LOOKS_PER_TRY == 0) {
            keys(keys);
          }
        });
  }

  private String tmux(String... args) {
    List<String> command = new ArrayList<>(List.of("tmux", "-S", server));
    command.addAll(Arrays.asList(args));
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().remove("TMUX");
      Process process = builder.start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail("interrupted");
    }
  }

  @Override
  public void close() {
    tmux("kill-server");
  }
}
