// SPDX-License-Identifier: Apache-2.0
package org.jkd.spark;

import java.io.Serializable;
import java.util.List;

/**
 * The command line.
 *
 * @param input a file, folder or pattern of Hadoop's
 * @param output the folder that is written
 * @param symbolPath as kd has it; reached by every executor
 * @param imagePath the same for images
 * @param seconds that one dump may take
 * @param filesPerTask dumps that one task works through
 * @param timings whether rows say what a dump took
 * @param redact whether names, paths and strings are taken out of the rows
 */
record Options(
    String input,
    String output,
    String symbolPath,
    String imagePath,
    int seconds,
    int filesPerTask,
    boolean timings,
    boolean redact)
    implements Serializable {
  static final String USAGE =
      """
      spark-submit --class org.jkd.spark.Triage jkd-spark.jar IN OUT [options]

        IN                 a dump, folder or pattern in any file system that Hadoop knows
        OUT                the folder that is written: rows, failures and json
        -y PATH, -i PATH   where symbols and images are, on storage that all executors reach
        --timeout SECONDS  for one dump (usually 60)
        --per-task N       dumps in one task (usually 16)
        --no-timings       leave out what each dump took, so that two runs give equal rows
        --redact           tokens instead of names of users and hosts, paths and strings
      """;

  /** What is wrong with a command line. */
  static final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  static Options parse(List<String> args) {
    if (args.size() < 2 || args.get(0).startsWith("-") || args.get(1).startsWith("-")) {
      throw new UsageException("IN and OUT are missing");
    }
    String symbols = "";
    String images = "";
    int seconds = 60;
    int perTask = 16;
    boolean timings = true;
    boolean redact = false;
    int i = 2;
    while (i < args.size()) {
      String option = args.get(i++);
      if (option.equals("--no-timings")) {
        timings = false;
        continue;
      }
      if (option.equals("--redact")) {
        redact = true;
        continue;
      }
      if (i == args.size()) {
        throw new UsageException(option + " is unknown, or needs a value");
      }
      String value = args.get(i++);
      switch (option) {
        case "-y" -> symbols = value;
        case "-i" -> images = value;
        case "--timeout" -> seconds = number(option, value);
        case "--per-task" -> perTask = number(option, value);
        default -> throw new UsageException("unknown option '" + option + "'");
      }
    }
    return new Options(
        args.get(0), args.get(1), symbols, images, seconds, perTask, timings, redact);
  }

  private static int number(String option, String value) {
    try {
      int n = Integer.parseInt(value);
      if (n > 0) {
        return n;
      }
    } catch (NumberFormatException e) {
      // said below, as for numbers that are too small
    }
    throw new UsageException(option + " takes a number from 1 on, not '" + value + "'");
  }
}
