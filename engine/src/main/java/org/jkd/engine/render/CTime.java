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

  private CTime() {}

  /** For instance {@code Mon Jan 07 15:31:46 1985}. */
  public static String text(LocalDateTime t) {
    return date(t) + two(t.getDayOfMonth()) + " " + clock(t) + " " + t.getYear();
  }

  /** As {@link #text} with the fraction of the second, as kd shows file times. */
  public static String filetime(LocalDateTime t) {
    String millis = String.valueOf(1000 + t.getNano() / 1_000_000).substring(1);
    return date(t) + two(t.getDayOfMonth()) + " " + clock(t) + "." + millis + " " + t.getYear();
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
