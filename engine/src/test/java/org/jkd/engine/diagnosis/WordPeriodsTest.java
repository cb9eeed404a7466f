// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WordPeriodsTest {
  private static final long CODE = 0xfffff80012340000L;

  private static boolean code(long word) {
    return word >= CODE && word < CODE + 0x10000;
  }

  @Test
  void a_self_recursion_of_0x80_bytes_is_found_192_times() {
    long[] words = new long[192 * 16 + 40];
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < words.length; i++) {
      words[i] = random.nextLong() >>> 20;
    }
    for (int i = 0; i < 192; i++) {
      words[20 + i * 16] = CODE + 0x1234;
      words[27 + i * 16] = CODE + 0x5678;
    }
    Optional<WordPeriods.Period> period = WordPeriods.find(words, 0x1000, 8, WordPeriodsTest::code);
    assertThat(period).isPresent();
    assertThat(period.orElseThrow().periodBytes()).isEqualTo(0x80);
    assertThat(period.orElseThrow().count()).isEqualTo(192);
    assertThat(period.orElseThrow().codeWords()).isEqualTo(2);
    assertThat(period.orElseThrow().from()).isEqualTo(0x1000 + 20 * 8);
  }

  @Test
  void words_without_repetition_have_no_period() {
    long[] words = new long[3072];
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < words.length; i++) {
      words[i] = random.nextInt(8) == 0 ? CODE + random.nextInt(0x10000) : random.nextLong() >>> 20;
    }
    assertThat(WordPeriods.find(words, 0, 8, WordPeriodsTest::code)).isEmpty();
  }

  /** The definition, word by word: of all distances the one whose unbroken stretch is longest. */
  private static long bytesByDefinition(long[] words) {
    long best = 0;
    for (int distance = 1; distance <= words.length / WordPeriods.MIN_COUNT; distance++) {
      int start = -1;
      int last = -1;
      for (int i = 0; i <= words.length - distance; i++) {
        boolean end = i == words.length - distance;
        boolean here = !end && code(words[i]);
        boolean there = !end && code(words[i + distance]);
        if (end || here != there || here && words[i] != words[i + distance]) {
          int count = start < 0 ? 0 : (last - start) / distance + 2;
          best = Math.max(best, count < WordPeriods.MIN_COUNT ? 0 : last - start + distance + 1);
          start = -1;
        } else if (here) {
          start = start < 0 ? i : start;
          last = i;
        }
      }
    }
    return best * 8;
  }

  @Test
  void on_random_stacks_the_longest_stretch_is_found() {
    SplittableRandom random = new SplittableRandom(9);
    int found = 0;
    for (int round = 0; round < 500; round++) {
      long[] words = new long[30 + random.nextInt(120)];
      int period = 1 + random.nextInt(30);
      for (int i = 0; i < words.length; i++) {
        words[i] = random.nextInt(3) == 0 ? CODE + random.nextInt(4) : 7;
        boolean broken = random.nextInt(40) == 0;
        words[i] = i >= period && !broken ? words[i - period] : words[i];
      }
      long bytes =
          WordPeriods.find(words, 0, 8, WordPeriodsTest::code)
              .map(WordPeriods.Period::bytes)
              .orElse(0L);
      assertThat(bytes).isEqualTo(bytesByDefinition(words));
      found += bytes > 0 ? 1 : 0;
    }
    assertThat(found).isGreaterThan(100);
  }
}
