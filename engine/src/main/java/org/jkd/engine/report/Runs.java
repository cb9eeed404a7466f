// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.util.ArrayList;
import java.util.List;

/** Folds repetitions in a list of names: {@code a > (b > c) x12 > d}. */
final class Runs {
  private static final int LONGEST_PERIOD = 12;

  private Runs() {}

  /** The names with arrows in between, repetitions written once with their count. */
  static String text(List<String> names) {
    List<String> parts = new ArrayList<>();
    int at = 0;
    while (at < names.size()) {
      int period = bestPeriod(names, at);
      int count = period == 0 ? 1 : repetitions(names, at, period);
      if (count > 1) {
        parts.add("(" + String.join(" > ", names.subList(at, at + period)) + ") x" + count);
        at += period * count;
      } else {
        parts.add(names.get(at++));
      }
    }
    return String.join(" > ", parts);
  }

  /** A text in lines of at most {@code width} characters, cut between words. */
  static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split(" +")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** The period that covers most of what follows, the shortest on a tie; 0 if nothing repeats. */
  private static int bestPeriod(List<String> names, int at) {
    int best = 0;
    int covered = 0;
    for (int period = 1; period <= LONGEST_PERIOD; period++) {
      int count = repetitions(names, at, period);
      if (count > 1 && count * period > covered) {
        best = period;
        covered = count * period;
      }
    }
    return best;
  }

  private static int repetitions(List<String> names, int at, int period) {
    int count = 1;
    while (at + (count + 1) * period <= names.size()
        && names
            .subList(at, at + period)
            .equals(names.subList(at + count * period, at + (count + 1) * period))) {
      count++;
    }
    return count;
  }
}
