// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** Runs an independent program on what was written; tests are skipped where it is missing. */
final class Tool {
  private Tool() {}

  /** What the program prints to both outputs, and how it ended. */
  record Result(int exit, String text) {}

  static Result run(String... command) throws IOException, InterruptedException {
    boolean present =
        Pattern.compile(File.pathSeparator)
            .splitAsStream(System.getenv("PATH"))
            .anyMatch(folder -> new File(folder, command[0]).canExecute());
    assumeTrue(present, "needs " + command[0]);
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), text);
  }
}
