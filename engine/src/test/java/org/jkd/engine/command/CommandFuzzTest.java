// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand random command lines: no stack trace, no hang, no heap that grows. A line that runs
 * or writes for long is interrupted as a user would, and has to end then.
 */
class CommandFuzzTest {
  private static final int LINES = 5000;
  private static final long SEED = 20_030_812;
  private static final int PATIENCE_MILLIS = 25;
  private static final int ENOUGH_CHARACTERS = 100_000;
  private static final long HEAP_GROWTH = 96L << 20;

  @TempDir static Path folder;

  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "watch");
        thread.setDaemon(true);
        return thread;
      });

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  @AfterAll
  static void stopWatching() {
    WATCH.shutdownNow();
  }

  @Test
  @Timeout(value = 240, threadMode = Timeout.ThreadMode.SAME_THREAD)
  void lines_on_the_sample() throws IOException {
    run(
        Debuggee.open(
            folder.resolve(ReferenceCase.COMPLETE),
            folder.resolve(ReferenceCase.SYMBOLS).toString(),
            folder.resolve(ReferenceCase.IMAGES).toString()),
        SEED);
  }

  @Test
  @Timeout(value = 240, threadMode = Timeout.ThreadMode.SAME_THREAD)
  void lines_on_a_64_bit_dump() throws IOException {
    Optional<Path> found = SharedFolder.find("corpus/train-x64-basic");
    Assumptions.assumeTrue(found.isPresent(), "needs ../shared/corpus/train-x64-basic");
    Path dump = found.orElseThrow();
    run(
        Debuggee.open(
            dump.resolve("KERNEL.DMP"),
            dump.resolve("symbols").toString(),
            dump.resolve("images").toString()),
        SEED + 1);
  }

  private static void run(Debuggee debuggee, long seed) {
    RandomLines lines = new RandomLines(seed, debuggee.arch());
    Reader reader = new Reader();
    Session session = new Session(debuggee, new NoHost());
    Interpreter interpreter = new Interpreter(session, reader);
    List<String> bad = new ArrayList<>();
    long before = 0;
    for (int i = 0; i < LINES; i++) {
      if (i == LINES / 5) {
        before = heap(); // symbols and code are loaded by then
      }
      if (i % 500 == 0) {
        session = new Session(debuggee, new NoHost());
        interpreter = new Interpreter(session, reader);
      }
      String line = lines.next();
      reader.start();
      Watch watch = new Watch(Thread.currentThread());
      WATCH.schedule(watch, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      try {
        interpreter.run(line);
      } catch (RuntimeException | Error e) {
        bad.add(line + " threw " + e);
      } finally {
        watch.end();
      }
      reader.complaint().ifPresent(c -> bad.add(line + " answered " + c));
    }
    assertThat(bad).isEmpty();
    assertThat(heap() - before)
        .as("bytes of heap that 4000 lines left behind")
        .isLessThan(HEAP_GROWTH);
  }

  private static long heap() {
    Runtime.getRuntime().gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** Interrupts a line that takes too long, and no line after it. */
  private static final class Watch implements Runnable {
    private final Thread watched;
    private boolean ended;

    Watch(Thread watched) {
      this.watched = watched;
    }

    @Override
    public synchronized void run() {
      if (!ended) {
        watched.interrupt();
      }
    }

    synchronized void end() {
      ended = true;
      Thread.interrupted();
    }
  }

  /** Keeps the first answers of a line and interrupts when it has had enough. */
  private static final class Reader implements Appendable {
    private final StringBuilder seen = new StringBuilder();
    private long characters;

    void start() {
      seen.setLength(0);
      characters = 0;
    }

    /** What no user may see. */
    Optional<String> complaint() {
      for (String word : List.of("Internal error", "Exception in", "\tat org.", "more memory")) {
        int at = seen.indexOf(word);
        if (at >= 0) {
          return Optional.of(seen.substring(at, Math.min(seen.length(), at + 300)));
        }
      }
      return Optional.empty();
    }

    @Override
    public Appendable append(CharSequence text) {
      long before = characters;
      characters += text.length();
      boolean failure = text.length() < 10_000 && text.toString().contains("rror");
      if (characters < ENOUGH_CHARACTERS || failure && seen.length() < 10 * ENOUGH_CHARACTERS) {
        seen.append(text);
      }
      if (before < ENOUGH_CHARACTERS && characters >= ENOUGH_CHARACTERS) {
        Thread.currentThread().interrupt();
      }
      return this;
    }

    @Override
    public Appendable append(CharSequence text, int start, int end) {
      return append(text.subSequence(start, end));
    }

    @Override
    public Appendable append(char c) {
      return append(String.valueOf(c));
    }
  }

  /** A machine without a disk: one script, no shell. */
  private static final class NoHost implements Host {
    @Override
    public Writer open(Path file, boolean append, boolean unicode) {
      return new StringWriter();
    }

    @Override
    public List<String> lines(Path file) throws IOException {
      if (!file.toString().startsWith("script")) {
        throw new NoSuchFileException(file.toString());
      }
      return List.of(".echo ${$arg1}", "r $t0=${/d:$arg2}", "$$><script.txt", ".if (1)", "{ k }");
    }

    @Override
    public Optional<String> environment(String name) {
      return Optional.empty();
    }

    @Override
    public String shell(String command, String input) {
      throw new CommandException(".shell is switched off");
    }

    @Override
    public void forbidShell() {
      // there is none
    }
  }
}
