// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jkd.engine.program.Subcommand.WrongUsage;

/**
 * What {@code jkd triage} was asked for.
 *
 * @param inputs files, folders, patterns and {@code @lists} as typed
 * @param out where the rows go; {@code -} is standard output, empty means nowhere
 * @param html the folder of the overview
 * @param groupBy columns of the table at the end
 */
record TriageOptions(
    List<String> inputs,
    Optional<String> out,
    Optional<Path> html,
    List<String> groupBy,
    int jobs,
    Optional<Instant> since,
    boolean resume,
    boolean timings,
    boolean redact,
    String symbolPath,
    String imagePath,
    Limits limits,
    int top) {
  private static final int MAX_JOBS = 256;

  static TriageOptions parse(List<String> args, Map<String, String> environment) {
    List<String> inputs = new ArrayList<>();
    Optional<String> out = Optional.empty();
    Optional<Path> html = Optional.empty();
    List<String> groupBy = List.of("bucket");
    int jobs = Runtime.getRuntime().availableProcessors();
    Optional<Instant> since = Optional.empty();
    boolean resume = false;
    boolean timings = true;
    boolean redact = false;
    String symbolPath = environment.getOrDefault("_NT_SYMBOL_PATH", "");
    String imagePath = environment.getOrDefault("_NT_EXECUTABLE_IMAGE_PATH", "");
    Limits limits = Limits.USUAL;
    int top = 20;
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      switch (arg) {
        case "--resume" -> resume = true;
        case "--no-timings" -> timings = false;
        case "--redact" -> redact = true;
        case "--out",
            "--html",
            "--group-by",
            "--jobs",
            "--since",
            "--timeout",
            "--top",
            "-y",
            "-i" -> {
          if (++i == args.size()) {
            throw new WrongUsage(arg + " needs a value");
          }
          String value = args.get(i);
          switch (arg) {
            case "--out" -> out = Optional.of(output(value));
            case "--html" -> html = Optional.of(path(value));
            case "--group-by" -> groupBy = columns(value);
            case "--jobs" -> jobs = number(arg, value, MAX_JOBS);
            case "--since" -> since = Optional.of(moment(value, Instant.now()));
            case "--timeout" ->
                limits = limits.withTime(Duration.ofSeconds(number(arg, value, 86_400)));
            case "--top" -> top = number(arg, value, 100_000);
            case "-y" -> symbolPath = value;
            default -> imagePath = value;
          }
        }
        default -> {
          if (arg.startsWith("-") && arg.length() > 1) {
            throw new WrongUsage("unknown option '" + arg + "'");
          }
          inputs.add(arg);
        }
      }
    }
    if (inputs.isEmpty()) {
      throw new WrongUsage("no dump, folder or list is named");
    }
    if (resume && (out.isEmpty() || out.get().equals("-"))) {
      throw new WrongUsage("--resume goes on with a file of rows: name it with --out");
    }
    return new TriageOptions(
        List.copyOf(inputs),
        out,
        html,
        groupBy,
        jobs,
        since,
        resume,
        timings,
        redact,
        symbolPath,
        imagePath,
        limits,
        top);
  }

  private static String output(String value) {
    String lower = value.toLowerCase(Locale.ROOT);
    if (value.equals("-")
        || lower.endsWith(".jsonl")
        || lower.endsWith(".csv")
        || lower.endsWith(".parquet")) {
      return value;
    }
    throw new WrongUsage(
        "'" + value + "' is neither .jsonl, .csv nor .parquet, nor '-' for standard output");
  }

  private static List<String> columns(String value) {
    List<String> names = new ArrayList<>();
    for (String part : value.split(",", -1)) {
      names.add(
          Column.named(part.strip())
              .orElseThrow(() ->
                  new WrongUsage(
                      "there is no column '"
                          + part.strip()
                          + "'; there are "
                          + String.join(", ", Column.ALL.stream().map(Column::name).toList())))
              .name());
    }
    return List.copyOf(names);
  }

  private static int number(String option, String value, int max) {
    try {
      int n = Integer.parseInt(value);
      if (n > 0 && n <= max) {
        return n;
      }
    } catch (NumberFormatException e) {
      throw new WrongUsage(option + " needs a number, not '" + value + "'");
    }
    throw new WrongUsage(option + " needs a number from 1 to " + max);
  }

  /** A date, a moment in ISO 8601, or a span before now such as {@code 12h} or {@code 7d}. */
  static Instant moment(String text, Instant now) {
    try {
      if (text.matches("\\d{1,6}[hd]")) {
        long count = Long.parseLong(text.substring(0, text.length() - 1));
        return now.minus(text.endsWith("h") ? Duration.ofHours(count) : Duration.ofDays(count));
      }
      return text.indexOf('T') > 0
          ? Instant.parse(text.endsWith("Z") ? text : text + "Z")
          : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw new WrongUsage(
          "--since needs a date (2026-01-31), a moment (2026-01-31T12:00:00Z) or a span (12h, 7d),"
              + " not '"
              + text
              + "'");
    }
  }

  static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new WrongUsage("'" + text + "' is no file name");
    }
  }
}
