// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/**
 * Triages files with several threads. A dump that overruns its time is interrupted; one that does
 * not even stop then is left behind with its thread, and another thread takes over. A dump for
 * which memory did not suffice is tried once more with the others waiting.
 */
final class Runner {
  /** Threads that may be left behind; more of them mean that the machine, not a dump, is ill. */
  private static final int MAX_LOST = 16;

  private static final long LOOK_NANOS = 50_000_000L;

  private final Triage triage;
  private final Triage.Watcher watcher;
  private final Limits limits;
  private final Predicate<String> isDone;
  private final Sink sink;
  private final Queue<Path> waiting = new ConcurrentLinkedQueue<>();
  private final ReadWriteLock memory = new ReentrantReadWriteLock(true);
  private final List<Worker> workers = new ArrayList<>();
  private final Set<String> left = new HashSet<>();
  private @Nullable IOException stopped;

  /** Gets what comes out, from one thread at a time. */
  interface Sink {
    /** A row. */
    void row(TriageRow row) throws IOException;

    /** A file of the list is finished, with all that is in it. */
    void file() throws IOException;

    /** Called a few times each second. */
    void tick() throws IOException;
  }

  /**
   * @param isDone tells by its key whether a dump has its row
   */
  Runner(
      Triage triage, Triage.Watcher watcher, Limits limits, Predicate<String> isDone, Sink sink) {
    this.triage = triage;
    this.watcher = watcher;
    this.limits = limits;
    this.isDone = isDone;
    this.sink = sink;
  }

  /**
   * Works until all files are done.
   *
   * @throws IOException if the rows cannot be kept
   */
  void run(List<Path> files, int jobs) throws IOException {
    waiting.addAll(files);
    synchronized (this) {
      for (int i = 0; i < jobs; i++) {
        start();
      }
      try {
        while (workers.stream().anyMatch(Worker::isBusy) && stopped == null) {
          wait(LOOK_NANOS / 1_000_000);
          List.copyOf(workers).forEach(this::watch);
          sink.tick();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        stopped = new IOException("interrupted");
      }
      waiting.clear();
      if (stopped != null) {
        workers.forEach(w -> w.thread.interrupt());
        throw stopped;
      }
    }
  }

  private void start() {
    Worker worker = new Worker();
    workers.add(worker);
    worker.thread.start();
  }

  /** Looks after one thread; called with the monitor held. */
  private void watch(Worker worker) {
    DumpSource source = worker.source;
    if (source == null || worker.isLeft) {
      return;
    }
    long spent = System.nanoTime() - worker.began;
    if (spent > 2 * limits.time().toNanos() + 1_000_000_000L) {
      leave(worker, source);
    } else if (spent > limits.time().toNanos() && !worker.isWarned) {
      worker.isWarned = true;
      worker.thread.interrupt();
    }
  }

  private void leave(Worker worker, DumpSource source) {
    worker.isLeft = true;
    workers.remove(worker);
    TriageRow.Identity identity =
        new TriageRow.Identity(
            source.key(), source.path(), source.member(), 0, source.modified(), "", "");
    emit(
        triage.failed(
            identity,
            Category.TIME_LIMIT,
            "did not stop after " + 2 * limits.time().toMillis() + " ms and was left behind"));
    if (worker.file != null) {
      waiting.add(worker.file); // an archive may hold more
    }
    left.add(source.key());
    if (left.size() > MAX_LOST) {
      stopped =
          new IOException("more than " + MAX_LOST + " dumps did not stop at their time limit");
    } else {
      start();
    }
  }

  private synchronized void emit(TriageRow row) {
    try {
      if (stopped == null && !isDone.test(row.identity().key())) {
        sink.row(row);
      }
    } catch (IOException e) {
      stopped = e;
      notifyAll();
    }
  }

  private synchronized void fileDone(Worker worker) {
    worker.file = null;
    try {
      sink.file();
    } catch (IOException e) {
      stopped = e;
    }
  }

  private synchronized void end(Worker worker) {
    worker.isOver = true;
    notifyAll();
  }

  /** A thread and what it is busy with. All fields are guarded by the runner's monitor. */
  private final class Worker implements Runnable {
    private final Thread thread;
    private @Nullable Path file;
    private @Nullable DumpSource source;
    private long began;
    private boolean isWarned;
    private boolean isLeft;
    private boolean isOver;

    Worker() {
      thread = Thread.ofPlatform().daemon().name("triage").unstarted(this);
    }

    boolean isBusy() {
      return !isOver;
    }

    @Override
    public void run() {
      try {
        for (Path next = next(); next != null; next = next()) {
          work(next);
          if (isAbandoned()) {
            return;
          }
          fileDone(this);
        }
      } catch (Left e) {
        return;
      } finally {
        end(this);
      }
    }

    private boolean isAbandoned() {
      synchronized (Runner.this) {
        return isLeft;
      }
    }

    private @Nullable Path next() {
      synchronized (Runner.this) {
        file = stopped == null ? waiting.poll() : null;
        return file;
      }
    }

    private void work(Path path) {
      try {
        Archives.Kind kind = Archives.kind(path);
        if (!kind.isArchive()) {
          dump(DumpSource.of(path));
          return;
        }
        int found;
        try {
          found = Archives.each(path, kind, limits, this::dump);
        } catch (IOException | FormatException e) {
          fail(path, Category.ARCHIVE, "the archive cannot be read: " + e.getMessage());
          return;
        }
        if (found == 0) {
          fail(path, Category.NOT_A_DUMP, "the archive holds no dump");
        }
      } catch (IOException e) {
        dump(DumpSource.unreadable(path, e));
      }
    }

    private void fail(Path path, Category category, String text) throws IOException {
      DumpSource source = DumpSource.of(path);
      emit(
          triage.failed(
              new TriageRow.Identity(source.key(), source.path(), "", 0, source.modified(), "", ""),
              category,
              text));
    }

    private void dump(DumpSource next) {
      synchronized (Runner.this) {
        if (isDone.test(next.key()) || left.contains(next.key())) {
          return;
        }
      }
      Optional<TriageRow> row = attempt(next, false);
      if (row.isPresent() && row.get().failure().category() == Category.OUT_OF_MEMORY) {
        row = attempt(next, true);
      }
      row.ifPresent(Runner.this::emit);
    }

    private Optional<TriageRow> attempt(DumpSource next, boolean alone) {
      var lock = alone ? memory.writeLock() : memory.readLock();
      lock.lock();
      try {
        begin(next);
        return triage.row(next, watcher);
      } finally {
        lock.unlock();
        finish();
      }
    }

    private void begin(DumpSource next) {
      synchronized (Runner.this) {
        source = next;
        began = System.nanoTime();
        isWarned = false;
      }
    }

    /** From here on nobody interrupts this thread, and an interrupt that came is taken back. */
    private void finish() {
      synchronized (Runner.this) {
        source = null;
        Thread.interrupted();
        if (isLeft) {
          throw new Left();
        }
      }
    }
  }

  /** Ends a thread that was left behind. */
  private static final class Left extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
