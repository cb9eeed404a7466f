// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session at a real terminal: keys go in, the screen is looked at. */
class TerminalTest {
  @TempDir static Path folder;

  @BeforeAll
  static void writeSample() throws IOException {
    assumeTrue(Tmux.isInstalled(), "needs tmux");
    ReferenceCase.writeTo(folder);
  }

  private static Tmux session(Map<String, String> more, String... options) {
    Map<String, String> environment = new HashMap<>(Map.of("LC_ALL", "C.UTF-8"));
    environment.put("JKD_HISTORY", folder.resolve("history").toString());
    environment.putAll(more);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.jkd.app.Main",
                "-z",
                folder.resolve(ReferenceCase.COMPLETE).toString(),
                "-y",
                folder.resolve(ReferenceCase.SYMBOLS).toString(),
                "-i",
                folder.resolve(ReferenceCase.IMAGES).toString()));
    command.addAll(List.of(options));
    return new Tmux(folder, environment, command);
  }

  @Test
  void an_hour_at_the_prompt() throws IOException {
    try (Tmux tmux = session(Map.of())) {
      tmux.await("BugCheck 7F, {8, f7744000, 0, 0}");
      tmux.await("3: kd>");
      tmux.await(s -> tmux.title().contains("jkd - MEMORY.DMP"), () -> {});

      // A symbol is completed, and looked up.
      tmux.type("ln nt!iofcalld");
      tmux.keys("Tab");
      tmux.await("ln nt!IofCallDriver");
      tmux.keys("Enter");
      tmux.await("Exact matches:");
      assertThat(tmux.colouredScreen()).contains("\033[36mnt!IofCallDriver\033[39m");

      // Several commands that start alike are listed with what they do.
      tmux.type("!sta");
      tmux.keys("Tab");
      tmux.await("!stackusage");
      tmux.keys("C-c");

      // A command that would fill the screen for minutes stops, and so does the rest of its line.
      tmux.type("db 80000000 L?10000000; .echo never");
      tmux.keys("Enter");
      tmux.await(s -> s.contains("Interrupted"), () -> tmux.keys("C-c"));
      String after = tmux.until("\nstill here", "C-u", ".echo still here", "Enter");
      assertThat(after.lines()).doesNotContain("never");

      // The last line is recalled and changed.
      tmux.until("3: kd> .echo still here", "C-u", "Up");
      tmux.keys("BSpace", "BSpace", "BSpace", "BSpace");
      tmux.type("again");
      tmux.keys("Enter");
      tmux.await("\nstill again");

      // An empty line repeats: d goes on behind what it showed.
      tmux.type("dd 80800000 L4");
      tmux.keys("Enter");
      tmux.await("\n80800000  ");
      tmux.keys("Enter");
      tmux.await("\n80800010  ");

      // The screen is cleared; a search in code goes on behind its last hit.
      tmux.type(".cls");
      tmux.keys("Enter");
      tmux.await(s -> !s.contains("80800010") && s.contains("3: kd>"), () -> {});
      tmux.type("# mov nt!IofCallDriver");
      tmux.keys("Enter");
      tmux.await("\n8081df21 8bec ");
      tmux.keys("Enter");
      tmux.await("\n8081df24 8bf2 ");

      // A smaller window; a page at a time.
      tmux.resize(70, 12);
      tmux.type(".pager on");
      tmux.keys("Enter");
      tmux.await("Paging is on");
      tmux.type(".help");
      tmux.keys("Enter");
      String page = tmux.await("-- more:");
      assertThat(page.stripTrailing().lines()).hasSize(12);
      tmux.keys("q");
      tmux.await("Interrupted");

      tmux.keys("C-d");
      tmux.await(s -> s.isBlank() || s.contains("no server"), () -> {});
    }
    assertThat(Files.readAllLines(folder.resolve("history")))
        .contains("ln nt!IofCallDriver", ".echo still again", ".pager on");

    // The next session knows what the last one typed.
    try (Tmux tmux = session(Map.of("NO_COLOR", "1"))) {
      tmux.until("3: kd> .pager on", "C-u", "Up", "Up");
      tmux.keys("C-c");
      tmux.type("k L2");
      tmux.keys("Enter");
      tmux.await("ChildEBP");
      assertThat(tmux.colouredScreen()).doesNotContain("\033[3");
    }
  }

  @Test
  void a_terminal_that_can_do_nothing_gets_plain_text() {
    try (Tmux tmux = session(Map.of("TERM", "dumb", "JKD_HISTORY", ""), "--no-color")) {
      tmux.await("3: kd>");
      tmux.type(".echo plain");
      tmux.keys("Enter");
      assertThat(tmux.await("\nplain")).doesNotContain("WARNING");
      assertThat(tmux.colouredScreen()).doesNotContain("\033[");
    }
  }
}
