// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Dumps over time as bars: of days if they are few, else of weeks, months or years. Each bar is cut
 * into the largest buckets and the rest.
 */
final class TimeChart {
  /** Bars that can still be told apart on a narrow screen. */
  private static final int MAX_BARS = 66;

  private static final int WIDTH = 1000;
  private static final int HEIGHT = 160;

  /** What a bar stands for. */
  enum Unit {
    DAY,
    WEEK,
    MONTH,
    YEAR;

    LocalDate start(LocalDate day) {
      return switch (this) {
        case DAY -> day;
        case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        case MONTH -> day.withDayOfMonth(1);
        case YEAR -> day.withDayOfYear(1);
      };
    }

    ChronoUnit step() {
      return switch (this) {
        case DAY -> ChronoUnit.DAYS;
        case WEEK -> ChronoUnit.WEEKS;
        case MONTH -> ChronoUnit.MONTHS;
        case YEAR -> ChronoUnit.YEARS;
      };
    }

    String label(LocalDate start) {
      String iso = start.toString();
      return switch (this) {
        case DAY -> iso;
        case WEEK -> "week of " + iso;
        case MONTH -> iso.substring(0, iso.length() - 3);
        case YEAR -> iso.substring(0, iso.length() - 6);
      };
    }
  }

  private final List<String> buckets;
  private final Map<LocalDate, int[]> days = new TreeMap<>();

  /**
   * @param buckets that have a colour each; all others share the last one
   */
  TimeChart(List<String> buckets) {
    this.buckets = List.copyOf(buckets);
  }

  /** A day as rows write it; empty where a dump has none or an impossible one. */
  static Optional<LocalDate> day(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(LocalDate.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty(); // a year of five digits, from a damaged header
    }
  }

  void add(LocalDate day, String bucket) {
    int at = buckets.indexOf(bucket);
    days.computeIfAbsent(day, d -> new int[buckets.size() + 1])[at < 0 ? buckets.size() : at]++;
  }

  private static long bars(Unit unit, LocalDate first, LocalDate last) {
    return unit.step().between(unit.start(first), unit.start(last)) + 1;
  }

  /** The chart with its axis; empty if no dump has a day. */
  String svg() {
    if (days.isEmpty()) {
      return "";
    }
    LocalDate first = days.keySet().iterator().next();
    LocalDate last = new ArrayList<>(days.keySet()).getLast();
    Unit unit = Unit.YEAR;
    for (Unit u : Unit.values()) {
      if (bars(u, first, last) <= MAX_BARS) {
        unit = u;
        break;
      }
    }
    Map<LocalDate, int[]> bars = new TreeMap<>();
    for (Map.Entry<LocalDate, int[]> e : days.entrySet()) {
      int[] sum = bars.computeIfAbsent(unit.start(e.getKey()), d -> new int[buckets.size() + 1]);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += e.getValue()[i];
      }
    }
    long all = bars(unit, first, last);
    // Clocks of damaged dumps run from 1601 to 9999: then only years with dumps have bars.
    boolean sparse = all > MAX_BARS;
    return draw(unit, bars, sparse ? bars.size() : (int) all, sparse);
  }

  private String draw(Unit unit, Map<LocalDate, int[]> bars, int count, boolean sparse) {
    List<LocalDate> starts = new ArrayList<>(bars.keySet());
    LocalDate first = starts.getFirst();
    int top = 1;
    for (int[] parts : bars.values()) {
      top = Math.max(top, sum(parts));
    }
    double slot = WIDTH / (double) Math.max(count, 12);
    StringBuilder out = new StringBuilder();
    out.append("<div class=\"chart\"><div class=\"most\">")
        .append(top)
        .append("</div>\n<svg viewBox=\"0 0 ");
    out.append(WIDTH).append(' ').append(HEIGHT);
    out.append("\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"dumps over time\">\n");
    for (int i = 0; i < starts.size(); i++) {
      LocalDate start = starts.get(i);
      long at = sparse ? i : unit.step().between(first, start);
      bar(unit.label(start), bars.getOrDefault(start, new int[0]), at * slot, slot, top, out);
    }
    double share = Math.min(100, 100.0 * count * slot / WIDTH);
    out.append("</svg></div>\n<div class=\"axis\"><span>").append(unit.label(first));
    out.append("</span>");
    if (starts.size() > 1) {
      out.append("<span>").append(share < 60 ? "to " : "").append(unit.label(starts.getLast()));
      out.append("</span>");
    }
    out.append("</div>\n<p class=\"hint\">one bar per ")
        .append(unit.name().toLowerCase(java.util.Locale.ROOT));
    out.append(sparse ? "; years without dumps are left out" : "").append("</p>\n");
    return out.toString();
  }

  private void bar(String label, int[] parts, double x, double slot, int top, StringBuilder out) {
    out.append("<g><title>").append(label).append(": ").append(sum(parts)).append(" dumps");
    for (int i = 0; i < parts.length; i++) {
      if (parts[i] > 0) {
        String name = i < buckets.size() ? Html.escape(buckets.get(i)) : "other buckets";
        out.append("\n").append(parts[i]).append(' ').append(name);
      }
    }
    out.append("</title>");
    double y = HEIGHT;
    for (int i = 0; i < parts.length; i++) {
      double height = parts[i] * (double) HEIGHT / top;
      y -= height;
      if (parts[i] > 0) {
        out.append(
            String.format(
                java.util.Locale.ROOT,
                "<rect class=\"c%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
                i < buckets.size() ? String.valueOf(i) : "x",
                x + slot * 0.06,
                y,
                slot * 0.88,
                height));
      }
    }
    out.append("</g>\n");
  }

  private static int sum(int[] parts) {
    int sum = 0;
    for (int part : parts) {
      sum += part;
    }
    return sum;
  }
}
