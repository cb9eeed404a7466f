// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;

/**
 * Finds recursion on the raw words of a stack, with no frames, symbols or unwind information at
 * all.
 *
 * <p>A function that calls itself (through others or not) leaves the same code pointers at a
 * constant distance. For each distance the words that point into code and equal the word one
 * distance further are counted; the distance with the longest unbroken stretch wins, the smaller
 * one on a tie, since every multiple of a period repeats too. Public example: a driver that passed
 * its request to itself, 0x80 bytes 192 times, of which a debugger showed three frames.
 */
public final class WordPeriods {
  /** The shortest stretch that counts: this many repetitions. */
  public static final int MIN_COUNT = 3;

  private WordPeriods() {}

  /**
   * A repetition.
   *
   * @param from address of the first repeated word
   * @param periodBytes distance of the repetitions
   * @param count how many there are
   * @param codeWords code pointers in one repetition
   * @param bytes from the first repeated word to the last, inclusive
   */
  public record Period(long from, long periodBytes, int count, int codeWords, long bytes) {}

  /**
   * Looks for the repetition that covers most of a stack.
   *
   * @param words the stack from its lowest address upwards
   * @param base the address of the first word
   * @param wordSize 4 or 8 bytes
   * @param isCode tells whether a word points into code
   */
  public static Optional<Period> find(long[] words, long base, int wordSize, LongPredicate isCode) {
    int[] code = IntStream.range(0, words.length).filter(i -> isCode.test(words[i])).toArray();
    int[] pairs = pairs(words, code);
    Period best = null;
    for (int distance = 1; distance < pairs.length; distance++) {
      if (pairs[distance] < MIN_COUNT - 1) {
        continue;
      }
      Period found = longest(words, code, distance, base, wordSize);
      if (found != null && (best == null || found.bytes() > best.bytes())) {
        best = found;
      }
    }
    return Optional.ofNullable(best);
  }

  /** For each distance, how many code pointers stand again at that distance. */
  private static int[] pairs(long[] words, int[] code) {
    int[] pairs = new int[words.length / MIN_COUNT + 1];
    int[] before = new int[code.length];
    Map<Long, Integer> last = HashMap.newHashMap(code.length);
    for (int k = 0; k < code.length; k++) {
      Integer earlier = last.put(words[code[k]], k);
      before[k] = earlier == null ? -1 : earlier;
      for (int j = before[k]; j >= 0 && code[k] - code[j] < pairs.length; j = before[j]) {
        pairs[code[k] - code[j]]++;
      }
    }
    return pairs;
  }

  /**
   * The longest stretch in which every code pointer stands again one distance further.
   *
   * @param code the indices of words that point into code, ascending
   */
  private static @org.jspecify.annotations.Nullable Period longest(
      long[] words, int[] code, int distance, long base, int wordSize) {
    Period best = null;
    int start = -1;
    int last = -1;
    int matched = 0;
    int end = words.length - distance;
    int here = 0;
    int there = Arrays.binarySearch(code, distance);
    there = there >= 0 ? there : -there - 1;
    // Only where a code pointer stands, or stands one distance further, is there anything to see.
    while (true) {
      int a = here < code.length ? code[here] : Integer.MAX_VALUE;
      int b = there < code.length ? code[there] - distance : Integer.MAX_VALUE;
      int i = Math.min(a, b);
      if (i >= end) {
        break;
      }
      here += a == i ? 1 : 0;
      there += b == i ? 1 : 0;
      if (a != b || words[i] != words[i + distance]) {
        best = longer(best, start, last, matched, distance, base, wordSize);
        start = -1;
        matched = 0;
      } else {
        start = start < 0 ? i : start;
        last = i;
        matched++;
      }
    }
    return longer(best, start, last, matched, distance, base, wordSize);
  }

  private static @org.jspecify.annotations.Nullable Period longer(
      @org.jspecify.annotations.Nullable Period best,
      int start,
      int last,
      int matched,
      int distance,
      long base,
      int wordSize) {
    if (start < 0) {
      return best;
    }
    int count = (last - start) / distance + 2;
    long bytes = (long) (last - start + distance + 1) * wordSize;
    if (count < MIN_COUNT || (best != null && best.bytes() >= bytes)) {
      return best;
    }
    int perPeriod = Math.max(1, matched / (count - 1));
    return new Period(
        base + (long) start * wordSize, (long) distance * wordSize, count, perPeriod, bytes);
  }
}
