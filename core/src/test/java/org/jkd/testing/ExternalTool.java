// SPDX-License-Identifier: Apache-2.0
package org.jkd.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A program whose output is the truth of a test. */
public final class ExternalTool {
  private final String name;

  /**
   * @param name of the program, which is looked for in PATH
   */
  public ExternalTool(String name) {
    this.name = name;
  }

  /** True when the program can be started. */
  public boolean isThere() throws IOException {
    return lines("--version").isPresent();
  }

  /** The lines that the program prints; empty when it is missing or fails. */
  public Optional<List<String>> lines(String... arguments) throws IOException {
    return run(ProcessBuilder.Redirect.PIPE, false, arguments);
  }

  /** The lines that the program makes of those of a file, even if it objects to some of them. */
  public List<String> filter(Path input) throws IOException {
    return run(ProcessBuilder.Redirect.from(input.toFile()), true).orElseThrow();
  }

  private Optional<List<String>> run(
      ProcessBuilder.Redirect input, boolean objecting, String... arguments) throws IOException {
    List<String> command = Stream.concat(Stream.of(name), Stream.of(arguments)).toList();
    Path output = Files.createTempFile("tool", ".txt");
    try {
      int exit =
          new ProcessBuilder(command)
              .redirectInput(input)
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      return exit == 0 || objecting
          ? Optional.of(Files.readAllLines(output, StandardCharsets.ISO_8859_1))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      Files.delete(output);
    }
  }
}
