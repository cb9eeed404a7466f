// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.render;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Dates in the form of C's {@code ctime}. */
public final class CTime {
  private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  private static final String[] MONTHS = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };

  private static final long MILLIS_PER_DAY = 86_400_000L;
  private static final int DAYS_PER_CYCLE = 146_097;

  /** From the first of March 1600 to the first of January 1601. */
  private static final int DAYS_OF_1600_FROM_MARCH = 306;

  private CTime() {}

  /** For instance {@code Mon Jan 07 15:31:46 1985}. */
  public static String text(LocalDateTime t) {
    return date(t) + two(t.getDayOfMonth()) + " " + clock(t) + " " + t.getYear();
  }

  /**
   * A FILETIME (100 ns since 1601) in UTC: as {@link #text} with the fraction of the second, as kd
   * shows file times. Every start shows one, and Java's own calendar would be a tenth of it.
   */
  public static String filetime(long filetime) {
    long millis = Math.floorDiv(filetime, 10_000L);
    long days = Math.floorDiv(millis, MILLIS_PER_DAY);
    int ofDay = (int) Math.floorMod(millis, MILLIS_PER_DAY);
    // 1601 begins a cycle of 400 years; of a year that begins with March, the leap day is the last.
    long shifted = days + DAYS_OF_1600_FROM_MARCH;
    long cycle = Math.floorDiv(shifted, DAYS_PER_CYCLE);
    int inCycle = Math.floorMod(shifted, DAYS_PER_CYCLE);
    int year = (inCycle - inCycle / 1460 + inCycle / 36_524 - inCycle / 146_096) / 365;
    int inYear = inCycle - (365 * year + year / 4 - year / 100);
    int month = (5 * inYear + 2) / 153;
    int day = inYear - (153 * month + 2) / 5 + 1;
    boolean early = month >= 10;
    return DAYS[Math.floorMod(days, 7)]
        + " "
        + MONTHS[early ? month - 10 : month + 2]
        + " "
        + two(day)
        + " "
        + two(ofDay / 3_600_000)
        + ":"
        + two(ofDay / 60_000 % 60)
        + ":"
        + two(ofDay / 1000 % 60)
        + "."
        + String.valueOf(1000 + ofDay % 1000).substring(1)
        + " "
        + (1600 + 400 * cycle + year + (early ? 1 : 0));
  }

  /** A TimeDateStamp: for instance {@code Wed Jul 8 15:43:44 2015}, as {@code lmv} shows it. */
  public static String stamp(long secondsSince1970) {
    LocalDateTime t = LocalDateTime.ofEpochSecond(secondsSince1970, 0, ZoneOffset.UTC);
    String day = Text.right(Integer.toString(t.getDayOfMonth()), 2);
    return date(t) + day + " " + clock(t) + " " + t.getYear();
  }

  /** The moment of a FILETIME (100 ns since 1601) in UTC. */
  public static LocalDateTime moment(long filetime) {
    long ticks = filetime - 116_444_736_000_000_000L;
    return LocalDateTime.ofInstant(
        Instant.ofEpochSecond(
            Math.floorDiv(ticks, 10_000_000L), Math.floorMod(ticks, 10_000_000L) * 100),
        ZoneOffset.UTC);
  }

  private static String date(LocalDateTime t) {
    return DAYS[t.getDayOfWeek().getValue() - 1] + " " + MONTHS[t.getMonthValue() - 1] + " ";
  }

  private static String clock(LocalDateTime t) {
    return two(t.getHour()) + ":" + two(t.getMinute()) + ":" + two(t.getSecond());
  }

  private static String two(int n) {
    return (n < 10 ? "0" : "") + n;
  }
}
