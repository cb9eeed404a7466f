// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jspecify.annotations.Nullable;

/**
 * The letters of a {@code k} command.
 *
 * @param args {@code b}: the first words of arguments
 * @param verbose {@code v}: {@code b} and the frame data
 * @param parameters {@code p} or {@code P}
 * @param clean {@code c}: names only
 * @param numbers {@code n}
 * @param distance {@code f}: the Memory column
 * @param raw {@code d}: words without a back-trace
 * @param lines true unless {@code L} leaves the source lines out
 * @param column {@code P}: each parameter on a line of its own
 */
public record BacktraceOptions(
    boolean args,
    boolean verbose,
    boolean parameters,
    boolean clean,
    boolean numbers,
    boolean distance,
    boolean raw,
    boolean lines,
    boolean column) {
  /** The usual form: source lines where they are known. */
  public BacktraceOptions(
      boolean args,
      boolean verbose,
      boolean parameters,
      boolean clean,
      boolean numbers,
      boolean distance,
      boolean raw) {
    this(args, verbose, parameters, clean, numbers, distance, raw, true, false);
  }

  /** No letters at all. */
  public static final BacktraceOptions NONE =
      new BacktraceOptions(false, false, false, false, false, false, false);

  /** {@code n} alone: rows as {@code .frame} prints them, on both architectures. */
  static final BacktraceOptions NUMBERED =
      new BacktraceOptions(false, false, false, false, true, false, false);

  /** True if all characters are option letters. */
  static boolean areOptions(String letters) {
    return parse(letters, NONE) != null;
  }

  /** Adds letters in any order; null if one is no option of {@code k}. */
  static @Nullable BacktraceOptions parse(String letters, BacktraceOptions before) {
    boolean args = before.args;
    boolean verbose = before.verbose;
    boolean parameters = before.parameters;
    boolean clean = before.clean;
    boolean numbers = before.numbers;
    boolean distance = before.distance;
    boolean raw = before.raw;
    boolean lines = before.lines;
    boolean column = before.column;
    for (int i = 0; i < letters.length(); i++) {
      switch (letters.charAt(i)) {
        case 'b' -> args = true;
        case 'v' -> verbose = true;
        case 'p' -> parameters = true;
        case 'P' -> {
          parameters = true;
          column = true;
        }
        case 'c' -> clean = true;
        case 'n' -> numbers = true;
        case 'f' -> distance = true;
        case 'd' -> raw = true;
        case 'L' -> lines = false;
        case 'M' -> {
          // No markup is printed anyway.
        }
        default -> {
          return null;
        }
      }
    }
    return new BacktraceOptions(
        args, verbose, parameters, clean, numbers, distance, raw, lines, column);
  }
}
