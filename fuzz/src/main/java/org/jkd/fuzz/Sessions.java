// SPDX-License-Identifier: Apache-2.0
package org.jkd.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.regex.Pattern;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Interpreter;
import org.jkd.engine.command.Session;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.sample.ReferenceCase;
import org.jkd.triage.Category;
import org.jkd.triage.FileTriage;
import org.jkd.triage.Limits;
import org.jkd.triage.Triage;
import org.jkd.triage.TriageRow;
import org.jspecify.annotations.Nullable;

/** Sessions whose dump, or whose commands, a stranger made. */
final class Sessions {
  /** What a support engineer types first, and what looks at most of the dump. */
  private static final List<String> FIRST_COMMANDS =
      List.of(
          "vertarget",
          ".bugcheck",
          "lm",
          "r",
          "k",
          "kv",
          "!thread",
          "!process 0 0",
          "!overflow",
          "!stackrecon",
          "!stages",
          "!analyze -v",
          "!pcr",
          "dg 0 20",
          ".tss 28",
          "dps @$csp L10",
          "u @$ip L4",
          "!irp 80000000",
          "!stacks 0",
          ".ecxr; k",
          "~*k");

  /** One command may look for this long. */
  private static final long LIMIT_MILLIS = 4000;

  /**
   * Commands with which a user may write any file or ask any server, which a fuzzer shall not; and
   * the words by which a defect is known, which it would learn to type.
   */
  private static final Pattern HANDS_OFF =
      Pattern.compile("(?i)\\.log|\\$\\$?>?<|\\.shell|path|symfix|internal");

  private static final int MAX_TEXT = 4 << 20;

  private static final Timer TIMER = new Timer("limit", true);

  private static @Nullable Debuggee sample;

  private Sessions() {}

  static void onDump(byte[] data) {
    Debuggee debuggee =
        Debuggee.open(Path.of("fuzz.dmp"), Bytes.of("fuzz.dmp", data), SymbolPlaces.of("", ""));
    Session session = new Session(debuggee);
    for (String command : FIRST_COMMANDS) {
      run(session, command);
    }
  }

  static void onSample(String lines) throws IOException {
    Session session = new Session(sample());
    for (String line : lines.lines().limit(8).toList()) {
      if (!HANDS_OFF.matcher(line).find()) {
        run(session, line);
      }
    }
  }

  static void onArchive(Path file) throws IOException {
    FileTriage triage =
        new FileTriage(
            new Triage(SymbolPlaces.of("", "").shared(), Limits.USUAL, Optional.empty()),
            Limits.USUAL);
    List<TriageRow> rows = triage.rows(file);
    for (TriageRow row : rows) {
      if (row.failure().category() == Category.INTERNAL_ERROR) {
        throw new IllegalStateException(row.failure().text());
      }
    }
  }

  private static synchronized Debuggee sample() throws IOException {
    Debuggee known = sample;
    if (known == null) {
      Path folder = Files.createTempDirectory("jkd-fuzz");
      ReferenceCase.writeTo(folder);
      known =
          Debuggee.open(
              folder.resolve(ReferenceCase.COMPLETE),
              folder.resolve(ReferenceCase.SYMBOLS).toString(),
              folder.resolve(ReferenceCase.IMAGES).toString());
      sample = known;
    }
    return known;
  }

  /** Runs a line; one that goes on for long is interrupted, as a user would. */
  private static void run(Session session, String line) {
    StringBuilder out = new StringBuilder();
    Thread runner = Thread.currentThread();
    TimerTask stop =
        new TimerTask() {
          @Override
          public void run() {
            runner.interrupt();
          }
        };
    TIMER.schedule(stop, LIMIT_MILLIS);
    try {
      new Interpreter(session, new Bounded(out, runner)).run(line);
    } catch (FormatException e) {
      throw new IllegalStateException("out of a session: " + e.getMessage(), e);
    } finally {
      stop.cancel();
      Thread.interrupted();
    }
    int at = out.indexOf("Internal error in '");
    if (at >= 0) {
      throw new IllegalStateException(
          line + ": " + out.substring(at, Math.min(out.length(), at + 400)));
    }
  }

  /** Text up to a limit; then it does what a user does who has seen enough. */
  private record Bounded(StringBuilder text, Thread reader) implements Appendable {
    @Override
    public Appendable append(CharSequence more) {
      if (text.length() < MAX_TEXT) {
        text.append(more);
      } else {
        reader.interrupt();
      }
      return this;
    }

    @Override
    public Appendable append(CharSequence more, int start, int end) {
      return append(more.subSequence(start, end));
    }

    @Override
    public Appendable append(char c) {
      return append(String.valueOf(c));
    }
  }
}
