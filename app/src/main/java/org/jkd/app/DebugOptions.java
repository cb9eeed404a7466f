// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * kd's options.
 *
 * @param dump the file behind {@code -z}
 * @param steps what {@code -c} and {@code -cf} say, in order
 * @param log where a copy of the output goes
 * @param colours whether a terminal gets colours
 * @param redact takes names and contents of memory out of all that is said
 * @param offline asks no symbol server, whatever the paths say
 * @param shell true if {@code .shell} may run commands of the host
 */
record DebugOptions(
    Path dump,
    String symbolPath,
    String imagePath,
    List<Step> steps,
    Optional<Path> log,
    boolean json,
    boolean colours,
    boolean shell,
    boolean redact,
    boolean offline) {

  /** Something to run before anything that is typed. */
  sealed interface Step {}

  /** The text behind {@code -c}. */
  record Commands(String text) implements Step {}

  /** The file behind {@code -cf}. */
  record Script(Path file) implements Step {}

  static DebugOptions parse(List<String> args, Map<String, String> environment) {
    Optional<String> dump = Optional.empty();
    String symbolPath = environment.getOrDefault("_NT_SYMBOL_PATH", "");
    String imagePath = environment.getOrDefault("_NT_EXECUTABLE_IMAGE_PATH", "");
    List<Step> steps = new ArrayList<>();
    Optional<Path> log = Optional.empty();
    boolean json = false;
    boolean colours = coloursWanted(environment);
    boolean shell = false;
    boolean redact = false;
    boolean offline = false;
    int i = 0;
    while (i < args.size()) {
      String option = args.get(i++);
      switch (option) {
        case "--json" -> json = true;
        case "--no-color" -> colours = false;
        case "--shell" -> shell = true;
        case "--redact" -> redact = true;
        case "--offline" -> offline = true;
        case "-z", "-y", "-i", "-c", "-cf", "-logo" -> {
          if (i == args.size()) {
            throw new UsageException(option + " needs a value");
          }
          String value = args.get(i++);
          switch (option) {
            case "-z" -> dump = Optional.of(value);
            case "-y" -> symbolPath = value;
            case "-i" -> imagePath = value;
            case "-c" -> steps.add(new Commands(value));
            case "-cf" -> steps.add(new Script(path(value)));
            default -> log = Optional.of(path(value));
          }
        }
        default -> throw new UsageException("unknown option '" + option + "'");
      }
    }
    if (dump.isEmpty()) {
      throw new UsageException("no dump is named: -z DUMP is missing");
    }
    return new DebugOptions(
        path(dump.get()),
        symbolPath,
        imagePath,
        List.copyOf(steps),
        log,
        json,
        colours,
        shell,
        redact,
        offline);
  }

  /** True if the environment lets a terminal have colours; see no-color.org. */
  private static boolean coloursWanted(Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new UsageException("'" + text + "' is no file name");
    }
  }

  /** Fails if a file that must exist does not. */
  void checkFiles() {
    if (!Files.exists(dump)) {
      throw new MissingException(dump + ": no such file");
    }
    for (Step step : steps) {
      if (step instanceof Script script && !Files.isRegularFile(script.file())) {
        throw new MissingException(script.file() + ": no such script");
      }
    }
  }
}
