// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A repetition on the raw words of a stack with the code that repeats.
 *
 * @param period where, how far apart and how often
 * @param symbols the code addresses in one repetition, ascending by their place, as text
 * @param modules the modules that they lie in, with the number of such addresses each
 */
public record RepeatedWords(
    WordPeriods.Period period, List<String> symbols, Map<String, Integer> modules) {

  /** A code address on the stack: its text and its module. */
  public record Word(String symbol, String module) {}

  /** A repetition whose period holds these words of code. */
  public static RepeatedWords of(WordPeriods.Period period, List<Word> words) {
    Map<String, Integer> modules = new LinkedHashMap<>();
    words.forEach(w -> modules.merge(w.module(), 1, Integer::sum));
    return new RepeatedWords(period, words.stream().map(Word::symbol).toList(), modules);
  }

  /** The module that repeats, the kernel only when there is no other; empty text for none. */
  public String module() {
    return modules.entrySet().stream()
        .max(
            Comparator.comparing((Map.Entry<String, Integer> e) -> !Stages.isKernel(e.getKey()))
                .thenComparing(Map.Entry::getValue))
        .map(Map.Entry::getKey)
        .orElse("");
  }
}
