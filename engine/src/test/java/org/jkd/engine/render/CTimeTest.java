// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Times of files, held against Java's calendar. */
class CTimeTest {
  private static final DateTimeFormatter JAVA =
      DateTimeFormatter.ofPattern("EEE MMM dd HH:mm:ss.SSS ", Locale.ROOT);

  /** 100 ns in a day. */
  private static final long DAY = 864_000_000_000L;

  private static void holds(long filetime) {
    LocalDateTime java = CTime.moment(filetime);
    assertThat(CTime.filetime(filetime)).isEqualTo(JAVA.format(java) + java.getYear());
  }

  @Test
  void every_day_of_the_calendar_and_its_neighbours() {
    // Two cycles of 400 years: every kind of leap year and of end of a month.
    for (long day = 0; day < 2 * 146_097; day++) {
      holds(day * DAY);
    }
  }

  @Test
  void any_number_of_ticks() {
    Random random = new Random(8);
    for (int i = 0; i < 20_000; i++) {
      holds(random.nextLong() >> (1 + random.nextInt(40)));
    }
    holds(DAY - 1);
    holds(-1);
    holds(Long.MAX_VALUE);
    holds(Long.MIN_VALUE / 2);
  }
}
