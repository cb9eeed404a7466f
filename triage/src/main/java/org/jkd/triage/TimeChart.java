// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Dumps over time as bars: of days if they are few, else of weeks, months or years. Each bar is cut
 * into the largest buckets and the rest. Days far from all others come from clocks that were wrong
 * or from damaged headers; they are not drawn, for the others would be a thin line then.
 */
final class TimeChart {
  /** Bars that can still be told apart on a narrow screen. */
  private static final int MAX_BARS = 66;

  /** Windows NT 3.1 came out then; no earlier kernel wrote a dump. */
  private static final LocalDate FIRST_KERNEL = LocalDate.of(1993, 7, 27);

  /** The share of dumps, of a hundred, that makes the bulk. */
  private static final int BULK = 95;

  /**
   * A day belongs to the bulk when it is no farther from it than this, or than the bulk is long.
   */
  private static final long NEAR_DAYS = 366;

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
  private final LocalDate today;
  private final TreeMap<LocalDate, int[]> days = new TreeMap<>();

  /**
   * @param buckets that have a colour each; all others share the last one
   * @param today no dump is from later, except for one day of time zones
   */
  TimeChart(List<String> buckets, LocalDate today) {
    this.buckets = List.copyOf(buckets);
    this.today = today;
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

  /**
   * The days that are drawn: those on which a dump can have been written and that are not far from
   * the bulk; all days if there is none of these.
   */
  SortedMap<LocalDate, int[]> drawn() {
    SortedMap<LocalDate, int[]> possible = days.subMap(FIRST_KERNEL, true, today.plusDays(1), true);
    if (possible.isEmpty()) {
      return days;
    }
    List<LocalDate> all = new ArrayList<>();
    possible.forEach((day, parts) -> all.addAll(Collections.nCopies(sum(parts), day)));
    int bulk = Math.min(Math.ceilDiv(all.size() * BULK, 100), Math.max(2, all.size() - 1));
    int best = 0;
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i + bulk <= all.size(); i++) {
      long length = ChronoUnit.DAYS.between(all.get(i), all.get(i + bulk - 1));
      if (length < shortest) {
        shortest = length;
        best = i;
      }
    }
    if (shortest == Long.MAX_VALUE) {
      return possible; // fewer than two dumps
    }
    long near = Math.max(NEAR_DAYS, shortest);
    LocalDate from = all.get(best).minusDays(near);
    LocalDate to = all.get(best + bulk - 1).plusDays(near);
    return days.subMap(
        from.isBefore(FIRST_KERNEL) ? FIRST_KERNEL : from,
        true,
        to.isAfter(today) ? today.plusDays(1) : to,
        true);
  }

  private static long bars(Unit unit, LocalDate first, LocalDate last) {
    return unit.step().between(unit.start(first), unit.start(last)) + 1;
  }

  /** The chart with its axis; empty if no dump has a day. */
  String svg() {
    if (days.isEmpty()) {
      return "";
    }
    SortedMap<LocalDate, int[]> drawn = drawn();
    LocalDate first = drawn.firstKey();
    LocalDate last = drawn.lastKey();
    Unit unit = Unit.YEAR;
    for (Unit u : Unit.values()) {
      if (bars(u, first, last) <= MAX_BARS) {
        unit = u;
        break;
      }
    }
    Map<LocalDate, int[]> bars = new TreeMap<>();
    for (Map.Entry<LocalDate, int[]> e : drawn.entrySet()) {
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
