// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jkd.dump.DumpFile;
import org.jkd.dump.mini.MiniDump;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.engine.redact.Redaction;
import org.jkd.image.Bytes;
import org.jkd.image.CancelledException;
import org.jkd.image.FormatException;
import org.jkd.target.ImageTarget;
import org.jkd.target.KernelTarget;
import org.jkd.target.UserTarget;
import org.jspecify.annotations.Nullable;

/**
 * From a dump to its row. Nothing that a dump holds makes it fail: whatever goes wrong is the row's
 * {@link Category}, beside what had been found out by then. Usable by several threads at once; work
 * ends soon after an interrupt of its thread, with a row of category {@link Category#TIME_LIMIT}.
 */
public final class Triage {
  /** No kernel dump has a smaller header; that of 64-bit systems is twice as large. */
  private static final int SMALLEST_HEADER = 0x1000;

  private final SymbolPlaces places;
  private final Limits limits;
  private final Optional<Instant> since;
  private final boolean redact;

  /**
   * @param places shared by all dumps, see {@link SymbolPlaces#shared}
   * @param since dumps of systems that stopped earlier have no row
   */
  public Triage(SymbolPlaces places, Limits limits, Optional<Instant> since) {
    this(places, limits, since, false);
  }

  /**
   * @param redact takes names, paths and strings out of the rows; reads all of every dump
   */
  public Triage(SymbolPlaces places, Limits limits, Optional<Instant> since, boolean redact) {
    this.redact = redact;
    this.places = places;
    this.limits = limits;
    this.since = since;
  }

  /** What is done with a dump while it is open. */
  @FunctionalInterface
  public interface Watcher {
    /** Nothing. */
    Watcher NONE = (debuggee, row, clean) -> {};

    /**
     * Called once for a kernel dump that was analysed, before it is closed.
     *
     * @param row as it is shown
     * @param clean what every other text of the dump goes through before it is shown
     */
    void analysed(KernelRow.Analysed dump, TriageRow row, UnaryOperator<String> clean)
        throws IOException;
  }

  /** The row of something that was not even opened. */
  TriageRow failed(TriageRow.Identity identity, Category category, String text) {
    TriageRow row = TriageRow.failed(identity, category, text);
    return redact
        ? row.redacted(Redaction.withoutNames().hiding(List.of(identity.path(), identity.member())))
        : row;
  }

  /** A path that was found beside a dump, as rows may show it. */
  String shown(String path) {
    return redact ? Redaction.file(path) : path;
  }

  /** The row of a dump; empty when the system stopped before the time that is asked for. */
  public Optional<TriageRow> row(DumpSource source) {
    return row(source, Watcher.NONE);
  }

  /** The same, with a look at the dump while it is open. */
  public Optional<TriageRow> row(DumpSource source, Watcher watcher) {
    Draft draft = new Draft(source, System.nanoTime());
    try (Arena arena = Arena.ofShared()) {
      read(source, arena, draft, watcher);
    } catch (CancelledException e) {
      draft.fail(Category.TIME_LIMIT, "stopped after " + draft.elapsed() + " ms");
    } catch (ArchiveException e) {
      draft.fail(Category.ARCHIVE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      draft.fail(Category.UNREADABLE, message(e));
    } catch (FormatException e) {
      draft.fail(draft.recognised ? Category.DAMAGED : Category.NOT_A_DUMP, message(e));
    } catch (StackOverflowError e) {
      draft.fail(Category.TOO_DEEP, "something in the dump nests without end");
    } catch (OutOfMemoryError e) {
      draft.fail(Category.OUT_OF_MEMORY, "the dump needs more memory than there is");
    } catch (InternalError e) {
      // What the Java machine throws when a mapped file shrinks under it.
      draft.fail(Category.UNREADABLE, "the file changed while it was read");
    } catch (LinkageError | AssertionError e) {
      draft.fail(Category.INTERNAL_ERROR, e.toString());
    } catch (RuntimeException e) {
      boolean interrupted = Thread.currentThread().isInterrupted();
      draft.fail(
          interrupted ? Category.TIME_LIMIT : Category.INTERNAL_ERROR,
          interrupted ? "stopped after " + draft.elapsed() + " ms" : e.toString());
    }
    return draft.tooOld ? Optional.empty() : Optional.of(draft.row());
  }

  private static String message(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void read(DumpSource source, Arena arena, Draft draft, Watcher watcher)
      throws IOException {
    Bytes bytes = source.content().open(arena);
    draft.size = bytes.size();
    if (redact) {
      draft.redaction =
          Redaction.of(bytes).hiding(List.of(source.path(), source.member(), bytes.name()));
    }
    draft.recognised = DumpFile.isKernelDump(bytes) || MiniDump.isMiniDump(bytes);
    draft.digest = FileDigest.of(bytes, limits.wholeDigest());
    Debuggee debuggee = open(source, bytes, draft);
    draft.opened = OptionalLong.of(draft.elapsed());
    switch (debuggee.target()) {
      case KernelTarget kernel -> {
        KernelRow row = new KernelRow(debuggee, kernel, limits);
        draft.machine = row.machine();
        draft.stop = row.stop();
        if (!isWanted(draft)) {
          return;
        }
        row.integrity().ifPresent(f -> draft.fail(f.category(), f.text()));
        KernelRow.Analysed analysed = row.analyse();
        draft.take(analysed.facts());
        watcher.analysed(
            analysed, draft.row(), redact ? draft.redaction : UnaryOperator.identity());
      }
      case UserTarget user -> {
        UserRow row = new UserRow(debuggee, user, limits);
        draft.machine = row.machine();
        draft.stop = row.stop();
        if (!isWanted(draft)) {
          return;
        }
        row.integrity().ifPresent(f -> draft.fail(f.category(), f.text()));
        draft.take(row.analyse());
      }
      case ImageTarget image ->
          throw new FormatException(
              image.image().name(), -1, "not a Windows crash dump (it is a PE image)");
      default -> throw new FormatException(source.path(), -1, "not a Windows crash dump");
    }
  }

  private Debuggee open(DumpSource source, Bytes bytes, Draft draft) {
    Path name = Path.of(bytes.name());
    try {
      return Debuggee.open(name, bytes, places);
    } catch (FormatException e) {
      if (draft.recognised && bytes.size() < SMALLEST_HEADER) {
        draft.fail(Category.TRUNCATED, message(e));
      }
      throw e;
    }
  }

  private boolean isWanted(Draft draft) {
    draft.tooOld =
        since.isPresent()
            && !draft.machine.time().isEmpty()
            && Instant.parse(draft.machine.time()).isBefore(since.get());
    return !draft.tooOld;
  }

  /** What is known so far. */
  private final class Draft {
    private final DumpSource source;
    private final long start;
    private boolean recognised;
    private boolean tooOld;
    private long size;
    private @Nullable FileDigest digest;
    private OptionalLong opened = OptionalLong.empty();
    private TriageRow.Failure failure = TriageRow.Failure.NONE;
    private TriageRow.Machine machine = TriageRow.Machine.NONE;
    private TriageRow.Stop stop = TriageRow.Stop.NONE;
    private Facts facts = Facts.NONE;
    private Redaction redaction;

    Draft(DumpSource source, long start) {
      this.source = source;
      this.start = start;
      redaction = Redaction.withoutNames().hiding(List.of(source.path(), source.member()));
    }

    long elapsed() {
      return (System.nanoTime() - start) / 1_000_000;
    }

    /** The first failure counts: later ones follow from it. */
    void fail(Category category, String text) {
      if (failure.category() == Category.NONE) {
        failure = new TriageRow.Failure(category, text.lines().findFirst().orElse(""));
      }
    }

    void take(Facts known) {
      facts = known;
    }

    TriageRow row() {
      FileDigest known = digest;
      TriageRow row =
          new TriageRow(
              new TriageRow.Identity(
                  source.key(),
                  source.path(),
                  source.member(),
                  size,
                  source.modified(),
                  known == null ? "" : known.hex(),
                  known == null ? "" : known.of()),
              failure,
              machine,
              stop,
              facts.stack(),
              facts.driver(),
              facts.suspect(),
              facts.recursion(),
              facts.buckets(),
              new TriageRow.Timings(opened, OptionalLong.of(elapsed())),
              facts.notes().stream().limit(limits.notes()).toList());
      return redact ? row.redacted(redaction) : row;
    }
  }
}
