// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is loaded before the first prompt. Times depend on the machine and on what else it does;
 * classes are what they are spent on, and can be counted.
 */
class StartTest {
  /** Of jkd's classes; 119 when this was written. */
  private static final int MOST_CLASSES = 135;

  /** None when this was written. */
  private static final int MOST_LAMBDAS = 4;

  @TempDir static Path folder;

  private static List<String> loaded;

  @BeforeAll
  static void start() throws Exception {
    ReferenceCase.writeTo(folder);
    Path log = folder.resolve("classes");
    Path in = Files.writeString(folder.resolve("in"), "q\n");
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Xlog:class+load:file=" + log + ":none:filecount=0",
                "-Djkd.terminal=true",
                "-cp",
                System.getProperty("java.class.path"),
                "org.jkd.app.Main",
                "-z",
                folder.resolve(ReferenceCase.COMPLETE).toString(),
                "-y",
                folder.resolve(ReferenceCase.SYMBOLS).toString(),
                "-i",
                folder.resolve(ReferenceCase.IMAGES).toString())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends in time").isTrue();
    assertThat(Files.readString(out, StandardCharsets.UTF_8))
        .contains("BugCheck 7F, {8, f7744000, 0, 0}", "3: kd> ");
    loaded = untilThePrompt(log);
  }

  /** The editor is the first that is loaded after the prompt stands on the screen. */
  private static List<String> untilThePrompt(Path log) throws IOException {
    List<String> names = new ArrayList<>();
    for (String line : Files.readAllLines(log, StandardCharsets.UTF_8)) {
      String name = line.substring(0, Math.max(0, line.indexOf(" source:")));
      if (name.equals("org.jkd.app.TerminalReader")) {
        return names;
      }
      names.add(name);
    }
    throw new AssertionError("no editor was loaded");
  }

  @Test
  void a_start_loads_few_classes() {
    assertThat(loaded).contains("org.jkd.app.Main", "org.jkd.target.KernelOpener");
    assertThat(loaded.stream().filter(name -> name.startsWith("org.jkd.")))
        .hasSizeLessThanOrEqualTo(MOST_CLASSES);
  }

  @Test
  void what_a_session_may_never_need_is_not_loaded() {
    assertThat(loaded)
        .noneMatch(name -> name.startsWith("org.jline."))
        .noneMatch(name -> name.startsWith("org.jkd.pdb."))
        .noneMatch(name -> name.startsWith("org.jkd.symbols.S"))
        .noneMatch(name -> name.startsWith("org.jkd.symbols.store.StoreS"))
        .noneMatch(name -> name.startsWith("org.jkd.code."))
        .noneMatch(name -> name.startsWith("org.jkd.engine.report."))
        .noneMatch(name -> name.startsWith("org.jkd.engine.diagnosis."))
        .noneMatch(name -> name.startsWith("tools.jackson."))
        .noneMatch(name -> name.startsWith("org.tukaani."))
        .noneMatch(name -> name.startsWith("java.net.http."))
        .noneMatch(name -> name.startsWith("java.util.regex."))
        .noneMatch(name -> name.startsWith("java.time.format."))
        .noneMatch(name -> name.startsWith("java.util.stream."));
  }

  /** Each is made anew in every start; one costs as much as two classes out of a jar. */
  @Test
  void hardly_anything_is_linked_by_bootstrap_methods() {
    assertThat(loaded.stream().filter(n -> n.startsWith("org.jkd.") && n.contains("$$")))
        .hasSizeLessThanOrEqualTo(MOST_LAMBDAS);
    assertThat(loaded).noneMatch(name -> name.startsWith("java.util.Comparator$$"));
  }
}
