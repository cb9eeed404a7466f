// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.image.Cancellation;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dumps that misbehave, beside others that must not notice. */
@Timeout(60)
class RunnerTest {
  @TempDir static Path sample;
  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    SampleDumps.write(sample);
  }

  private static final class Collected implements Runner.Sink {
    private final List<TriageRow> rows = new ArrayList<>();
    private int files;

    @Override
    public void row(TriageRow row) {
      rows.add(row);
    }

    @Override
    public void file() {
      files++;
    }

    @Override
    public void tick() {}
  }

  private List<Path> copies(int count) throws IOException {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(Files.copy(sample.resolve(ReferenceCase.SMALL), folder.resolve("d" + i + ".dmp")));
    }
    return files;
  }

  private static Collected run(List<Path> files, Duration time, Triage.Watcher watcher)
      throws IOException {
    Collected sink = new Collected();
    Limits limits = Limits.USUAL.withTime(time);
    Triage triage = new Triage(SymbolPlaces.of("", "").shared(), limits, Optional.empty());
    new Runner(triage, watcher, limits, key -> false, sink).run(files, 2);
    return sink;
  }

  private static boolean is(TriageRow row, String name) {
    return row.identity().path().endsWith(name);
  }

  @Test
  void every_file_has_its_row() throws IOException {
    Collected all = run(copies(9), Duration.ofSeconds(30), Triage.Watcher.NONE);

    assertThat(all.rows).hasSize(9);
    assertThat(all.files).isEqualTo(9);
    assertThat(all.rows).allMatch(r -> r.failure().category() == Category.NONE);
  }

  @Test
  void a_dump_that_overruns_its_time_is_interrupted() throws IOException {
    Collected all =
        run(
            copies(4),
            Duration.ofMillis(1500),
            (dump, row, clean) -> {
              while (is(row, "d1.dmp")) {
                Cancellation.check();
              }
            });

    assertThat(all.rows).hasSize(4);
    for (TriageRow row : all.rows) {
      assertThat(row.failure().category())
          .isEqualTo(is(row, "d1.dmp") ? Category.TIME_LIMIT : Category.NONE);
    }
  }

  @Test
  void a_dump_that_does_not_even_stop_then_is_left_behind() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    try {
      Collected all =
          run(
              copies(4),
              Duration.ofMillis(1500),
              (dump, row, clean) -> {
                while (is(row, "d1.dmp") && end.getCount() > 0) {
                  Thread.onSpinWait();
                }
              });
      assertThat(all.rows).hasSize(4);
      assertThat(all.rows.stream().filter(r -> is(r, "d1.dmp")).findFirst().orElseThrow().failure())
          .satisfies(f -> assertThat(f.category()).isEqualTo(Category.TIME_LIMIT))
          .satisfies(f -> assertThat(f.text()).contains("left behind"));
    } finally {
      end.countDown();
    }
  }

  @Test
  void a_dump_that_wants_too_much_memory_is_tried_again_alone() throws IOException {
    AtomicInteger busy = new AtomicInteger();
    AtomicInteger tries = new AtomicInteger();
    AtomicInteger beside = new AtomicInteger(-1);
    Collected all =
        run(
            copies(8),
            Duration.ofSeconds(30),
            (dump, row, clean) -> {
              busy.incrementAndGet();
              try {
                if (is(row, "d1.dmp") && tries.incrementAndGet() == 1) {
                  throw new OutOfMemoryError("test");
                }
                if (is(row, "d1.dmp")) {
                  beside.set(busy.get());
                }
              } finally {
                busy.decrementAndGet();
              }
            });

    assertThat(all.rows).hasSize(8).allMatch(r -> r.failure().category() == Category.NONE);
    assertThat(tries).hasValue(2);
    assertThat(beside).hasValue(1);
  }

  @Test
  void defects_and_endless_nesting_stay_with_their_dump() throws IOException {
    Collected all =
        run(
            copies(3),
            Duration.ofSeconds(30),
            (dump, row, clean) -> {
              if (is(row, "d0.dmp")) {
                throw new IllegalStateException("a defect");
              }
              if (is(row, "d1.dmp")) {
                nest(0);
              }
            });
    assertThat(all.rows)
        .extracting(r -> r.failure().category())
        .containsExactlyInAnyOrder(Category.INTERNAL_ERROR, Category.TOO_DEEP, Category.NONE);
  }

  private static long nest(long depth) {
    return depth < 0 ? depth : nest(depth + 1) + 1;
  }
}
