// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jkd.image.CancelledException;
import org.jkd.symbols.SymbolFormat.Opened;
import org.junit.jupiter.api.Test;

class SharedFilesTest {
  private static final Path FILE = Path.of("nt.pdb");

  private final SharedFiles files = new SharedFiles();
  private final AtomicInteger opened = new AtomicInteger();

  private Optional<Opened> open() {
    opened.incrementAndGet();
    return Optional.of(new Opened(new NoSymbols(), "0".repeat(32), 1, "nt.pdb"));
  }

  @Test
  void a_file_is_opened_once_however_many_threads_want_it() throws InterruptedException {
    Thread[] threads = new Thread[8];
    Opened[] seen = new Opened[threads.length];
    for (int i = 0; i < threads.length; i++) {
      int n = i;
      threads[i] =
          Thread.ofPlatform().start(() -> seen[n] = files.symbols(FILE, this::open).orElseThrow());
    }
    for (Thread t : threads) {
      t.join();
    }
    assertThat(opened).hasValue(1);
    assertThat(seen).containsOnly(seen[0]);
  }

  @Test
  void a_file_that_cannot_be_opened_is_not_tried_again() {
    for (int i = 0; i < 2; i++) {
      assertThat(
              files.symbols(
                  FILE,
                  () -> {
                    opened.incrementAndGet();
                    return Optional.empty();
                  }))
          .isEmpty();
    }
    assertThat(opened).hasValue(1);
  }

  @Test
  void an_interrupt_while_opening_says_nothing_about_the_file() {
    assertThatThrownBy(() ->
            files.symbols(
                FILE,
                () -> {
                  Thread.currentThread().interrupt();
                  return Optional.empty();
                }))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(files.symbols(FILE, this::open)).isPresent();
  }
}
