// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code jkd triage} as a process of its own, killed without warning and started again. */
class TriageKillTest {
  private static final int DUMPS = 80;
  private static final Pattern KEY = Pattern.compile("\"key\":\"([0-9a-f]{32})\"");

  @TempDir Path folder;

  private Process start(Path rows, String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "org.jkd.app.Main", "triage"));
    command.addAll(List.of(folder.resolve("dumps").toString(), "--no-timings", "--jobs", "2"));
    command.addAll(List.of("--out", rows.toString()));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("_NT_SYMBOL_PATH");
    builder.environment().remove("_NT_EXECUTABLE_IMAGE_PATH");
    return builder
        .redirectErrorStream(true)
        .redirectOutput(new File(folder.toFile(), "output.txt"))
        .start();
  }

  private void end(Process process) throws IOException, InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("output.txt"))).isZero();
  }

  /** Waits, as told by the file system, until so many lines are in a file of a folder. */
  private static void await(Path in, Path file, int lines)
      throws IOException, InterruptedException {
    try (WatchService watch = file.getFileSystem().newWatchService()) {
      in.register(
          watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      while (lines(file) < lines) {
        WatchKey key = watch.poll(30, TimeUnit.SECONDS);
        assertThat(key).as("rows come").isNotNull();
        key.pollEvents();
        key.reset();
      }
    }
  }

  private static long lines(Path file) throws IOException {
    return Files.exists(file)
        ? Files.readString(file, StandardCharsets.UTF_8).chars().filter(c -> c == '\n').count()
        : 0;
  }

  @Test
  @Timeout(120)
  void a_run_that_was_killed_goes_on_to_the_same_rows_none_twice() throws Exception {
    Path sample = Files.createDirectory(folder.resolve("sample"));
    ReferenceCase.writeTo(sample);
    Path dumps = Files.createDirectory(folder.resolve("dumps"));
    for (int i = 0; i < DUMPS; i++) {
      Files.copy(sample.resolve(ReferenceCase.SMALL), dumps.resolve("d" + i + ".dmp"));
    }
    Path rows = Files.createDirectory(folder.resolve("killed")).resolve("rows.jsonl");
    Path html = folder.resolve("html");

    Process first = start(rows, "--html", html.toString());
    try {
      await(folder.resolve("killed"), rows, DUMPS / 4);
    } finally {
      first.destroyForcibly();
    }
    assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String before = Files.readString(rows, StandardCharsets.UTF_8);
    assertThat(lines(rows)).as("it was killed on its way").isBetween(DUMPS / 4L, DUMPS - 1L);
    assertThat(html.resolve("index.html")).doesNotExist();

    end(start(rows, "--html", html.toString(), "--resume"));
    Path whole = folder.resolve("whole.jsonl");
    end(start(whole, "--jobs", "1"));

    String after = Files.readString(rows, StandardCharsets.UTF_8);
    int kept = before.lastIndexOf('\n') + 1;
    assertThat(after).as("what was done stays").startsWith(before.substring(0, kept));
    assertThat(after.lines().sorted().toList())
        .isEqualTo(Files.readString(whole).lines().sorted().toList());
    assertThat(after.lines().map(TriageKillTest::key).distinct()).hasSize(DUMPS);
    String page = Files.readString(html.resolve("index.html"));
    assertThat(page).contains(DUMPS + " crash dumps");
    try (var reports = Files.list(html.resolve("dumps"))) {
      assertThat(reports.filter(p -> p.toString().endsWith(".html"))).hasSize(DUMPS);
    }
  }

  private static String key(String row) {
    Matcher key = KEY.matcher(row);
    assertThat(key.find()).isTrue();
    return key.group(1);
  }
}
