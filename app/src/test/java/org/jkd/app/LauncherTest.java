// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script where something that it needs is missing or broken. */
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
    return run(environment, "demo");
  }

  private String[] run(Map<String, String> environment, String argument) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(SHELL.toString(), script().toString(), argument);
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

  /** A build without code of its own: its manifest leads to the classes of this test. */
  private Path build() throws IOException {
    Path target = Files.createDirectories(folder.resolve("app/target/lib"));
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "org.jkd.app.Main");
    String classes =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(place -> Path.of(place).toUri().toString())
            .collect(Collectors.joining(" "));
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classes);
    Path jar = target.resolveSibling("jkd-app-1.jar");
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).close();
    }
    Files.copy(jar, target.resolve("other.jar"));
    return jar;
  }

  private Path cache() {
    return folder.resolve("app/target/jkd-" + Runtime.version().feature() + ".aot");
  }

  @Test
  void a_broken_cache_does_not_stop_a_start() throws Exception {
    Path jar = build();
    Files.writeString(cache(), "this is no cache");
    Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
    Files.setLastModifiedTime(folder.resolve("app/target/lib/other.jar"), FileTime.fromMillis(0));
    assertThat(run(Map.of("JAVA_HOME", System.getProperty("java.home")), "--version"))
        .containsExactly("0", "jkd (not packaged)\n");
    assertThat(cache()).exists();
  }

  @Test
  void a_cache_that_is_older_than_the_program_is_not_used() throws Exception {
    build();
    Files.writeString(cache(), "of another build");
    Files.setLastModifiedTime(cache(), FileTime.fromMillis(0));
    // An earlier attempt to record failed, so none is made here.
    Files.writeString(Path.of(cache() + ".failed"), "");
    Map<String, String> environment =
        Map.of("JAVA_HOME", System.getProperty("java.home"), "PATH", "/usr/bin:/bin");
    assertThat(run(environment, "--version")).containsExactly("0", "jkd (not packaged)\n");
    assertThat(cache()).doesNotExist();
  }

  @Test
  void a_cache_that_is_older_than_the_program_and_cannot_be_removed_is_not_used() throws Exception {
    build();
    Files.writeString(cache(), "of another build");
    Files.setLastModifiedTime(cache(), FileTime.fromMillis(0));
    // No rm on the path, as none may be done in a folder that belongs to somebody else.
    assertThat(run(Map.of("JAVA_HOME", System.getProperty("java.home")), "--version"))
        .containsExactly("0", "jkd (not packaged)\n");
    assertThat(cache()).exists();
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
