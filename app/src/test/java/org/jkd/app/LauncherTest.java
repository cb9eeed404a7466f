// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script where something that it needs is missing. */
class LauncherTest {
  private static final Path SHELL = Path.of("/bin/sh");

  @TempDir Path folder;

  @BeforeEach
  void needsAShell() {
    Assumptions.assumeTrue(Files.isExecutable(SHELL), "needs " + SHELL);
  }

  /** A copy of the script that looks for JDKs below the test's folder instead of the system's. */
  private Path script() throws IOException {
    Path original = Path.of(System.getProperty("jkd.root", ".."), "jkd");
    String text =
        Files.readString(original)
            .replaceAll("(?<![\\w$}\"])/(usr|opt|Library)/", folder + "/none/$1/");
    return Files.writeString(folder.resolve("jkd"), text);
  }

  private String[] run(Map<String, String> environment) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(SHELL.toString(), script().toString(), "demo");
    builder.environment().clear();
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("PATH", "/nowhere");
    builder.environment().putAll(environment);
    Path out = folder.resolve("out");
    Process process = builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(out, StandardCharsets.UTF_8);
    return new String[] {Integer.toString(process.exitValue()), text};
  }

  /** Something that looks like a JDK of a version. */
  private Path jdk(int version) throws IOException {
    Path home = Files.createDirectories(folder.resolve("jdk" + version));
    Files.createDirectories(home.resolve("bin"));
    for (String tool : new String[] {"java", "javac"}) {
      Path file = Files.writeString(home.resolve("bin").resolve(tool), "#!/bin/sh\nexit 0\n");
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
    return home;
  }

  @Test
  void without_a_jdk_there_is_one_clear_line() throws Exception {
    assertThat(run(Map.of()))
        .containsExactly(
            "4",
            "jkd: a JDK 25 or later is needed, and none was found (JAVA_HOME, PATH, usual"
                + " folders)\n");
  }

  @Test
  void an_older_jdk_does_not_count() throws Exception {
    assertThat(run(Map.of("JAVA_HOME", jdk(17).toString()))[1])
        .startsWith("jkd: a JDK 25 or later is needed");
  }

  @Test
  void without_maven_there_is_one_clear_line() throws Exception {
    assertThat(run(Map.of("JAVA_HOME", jdk(25).toString())))
        .containsExactly(
            "4",
            "jkd: Maven (mvn) is needed to build jkd on first use, and it is not on the PATH\n");
  }
}
