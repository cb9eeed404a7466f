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
 */
public record BacktraceOptions(
    boolean args,
    boolean verbose,
    boolean parameters,
    boolean clean,
    boolean numbers,
    boolean distance,
    boolean raw) {
  /** No letters at all. */
  public static final BacktraceOptions NONE =
      new BacktraceOptions(false, false, false, false, false, false, false);

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
    for (int i = 0; i < letters.length(); i++) {
      switch (letters.charAt(i)) {
        case 'b' -> args = true;
        case 'v' -> verbose = true;
        case 'p', 'P' -> parameters = true;
        case 'c' -> clean = true;
        case 'n' -> numbers = true;
        case 'f' -> distance = true;
        case 'd' -> raw = true;
        case 'L', 'M' -> {
          // No source lines and no markup are printed anyway.
        }
        default -> {
          return null;
        }
      }
    }
    return new BacktraceOptions(args, verbose, parameters, clean, numbers, distance, raw);
  }
}
