// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands and what they print, from a text resource: a line {@code > command}, then its answer up
 * to the next such line. A line that starts with {@code #} is a remark.
 */
public record Transcript(String command, String answer) {
  /** The steps of a resource beside a class. */
  public static List<Transcript> of(Class<?> owner, String resource) throws IOException {
    List<Transcript> steps = new ArrayList<>();
    String command = "";
    StringBuilder answer = new StringBuilder();
    for (String line : text(owner, resource).lines().toList()) {
      if (line.startsWith("> ")) {
        add(steps, command, answer);
        command = line.substring(2);
      } else if (!line.startsWith("#")) {
        answer.append(line).append('\n');
      }
    }
    add(steps, command, answer);
    return steps;
  }

  private static void add(List<Transcript> steps, String command, StringBuilder answer) {
    if (!command.isEmpty()) {
      steps.add(new Transcript(command, answer.toString()));
    }
    answer.setLength(0);
  }

  /** A resource beside a class, in UTF-8. */
  public static String text(Class<?> owner, String resource) throws IOException {
    try (InputStream in = owner.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no resource " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public String toString() {
    return command;
  }
}
