// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The machine itself. */
public final class LocalHost implements Host {
  /** Characters that are kept of what a shell command writes. */
  private static final int MAX_OUTPUT = 1 << 24;

  private static final long MAX_SCRIPT_BYTES = 16 << 20;

  private boolean shellAllowed;

  /**
   * @param shellAllowed true if the user asked for {@code .shell} when jkd was started
   */
  public LocalHost(boolean shellAllowed) {
    this.shellAllowed = shellAllowed;
  }

  @Override
  public Writer open(Path file, boolean append, boolean unicode) throws IOException {
    Charset charset = unicode ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8;
    return append
        ? Files.newBufferedWriter(
            file, charset, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
        : Files.newBufferedWriter(file, charset);
  }

  @Override
  public List<String> lines(Path file) throws IOException {
    if (Files.size(file) > MAX_SCRIPT_BYTES) {
      throw new CommandException(file + " is larger than a script may be (16 MB)");
    }
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (MalformedInputException e) {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    }
  }

  @Override
  public Optional<String> environment(String name) {
    return Optional.ofNullable(System.getenv(name));
  }

  @Override
  public String shell(String command, String input) throws IOException, InterruptedException {
    if (!shellAllowed) {
      throw new CommandException(".shell is switched off; --shell on jkd's command line allows it");
    }
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    Path fed = Files.createTempFile("jkd", ".in");
    Path written = Files.createTempFile("jkd", ".out");
    try {
      Files.writeString(fed, input);
      Process process =
          new ProcessBuilder(windows ? List.of("cmd", "/c", command) : List.of("sh", "-c", command))
              .redirectErrorStream(true)
              .redirectInput(fed.toFile())
              .redirectOutput(written.toFile())
              .start();
      try {
        while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
          if (Files.size(written) > MAX_OUTPUT) {
            throw new CommandException(".shell: the command writes without end");
          }
        }
      } finally {
        process.destroy();
      }
      byte[] bytes = Files.readAllBytes(written);
      return new String(bytes, StandardCharsets.UTF_8);
    } finally {
      Files.deleteIfExists(fed);
      Files.deleteIfExists(written);
    }
  }

  @Override
  public void forbidShell() {
    shellAllowed = false;
  }
}
