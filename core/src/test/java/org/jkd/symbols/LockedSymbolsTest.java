// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stands between several threads and one file passes every question on. */
class LockedSymbolsTest {
  @Test
  void no_question_gets_the_answer_of_an_interface() {
    List<String> missing = new ArrayList<>();
    List<Class<?>> locked = new ArrayList<>(List.of(LockedSymbols.class));
    locked.addAll(Arrays.asList(LockedSymbols.class.getDeclaredClasses()));
    for (Class<?> type : locked) {
      for (Class<?> questions : type.getInterfaces()) {
        for (Method question : questions.getMethods()) {
          if (!Modifier.isStatic(question.getModifiers()) && !declares(type, question)) {
            missing.add(type.getSimpleName() + "." + question.getName());
          }
        }
      }
    }
    assertThat(locked).hasSize(3);
    assertThat(missing).isEmpty();
  }

  private static boolean declares(Class<?> type, Method question) {
    return Arrays.stream(type.getDeclaredMethods())
        .anyMatch(m ->
            m.getName().equals(question.getName())
                && Arrays.equals(m.getParameterTypes(), question.getParameterTypes()));
  }
}
