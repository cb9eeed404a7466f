// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Interpreter;
import org.jkd.engine.command.Session;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.diagnosis.OverflowVerdict.Cause;
import org.jkd.engine.diagnosis.OverflowVerdict.Outcome;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.engine.diagnosis.Suspect;
import org.jkd.engine.diagnosis.WordPeriods;
import org.jkd.sample.crash.Misdiagnosis;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Crashes that were misread in public, from dumps of machines that crashed in the same way. */
class MisdiagnosisTest {
  /** A memory column of {@code kf}: digits before a stack address. */
  private static final Pattern MEMORY =
      Pattern.compile("^[0-9a-f]+ +(?:([0-9a-f]+) +)?[0-9a-f`]{17} ", Pattern.MULTILINE);

  @TempDir private Path folder;

  @Test
  void aWalkThatEndsEarlyDoesNotDenyAnOverflow() throws IOException {
    Debuggee debuggee = open(Misdiagnosis.SHORT_WALK);
    StackReport report = report(debuggee);
    assertOverflow(report, Cause.STACK_EXHAUSTED, "0x40 bytes below its limit");
    // What kd's walk finds of this stack is less than the real case's 0x14c0 bytes …
    String kf = run(debuggee, "kf");
    assertThat(kf.lines().count()).isLessThan(12);
    // … and it is the pointer that decides; the rebuilt stack explains the rest.
    assertThat(report.usage().size()).isEqualTo(0x6040);
    assertThat(report.covered()).isTrue();
    assertThat(report.suspect().map(Suspect::module)).contains("sealflt");
  }

  @Test
  void noBytesAreChargedAcrossTheStackOfDoubleFaults() throws IOException {
    Debuggee debuggee = open(Misdiagnosis.STACK_SWITCH);
    StackReport report = report(debuggee);
    assertOverflow(report, Cause.STACK_EXHAUSTED, "0xf0 bytes below its limit");
    assertThat(report.usage().size()).isEqualTo(0x60f0);
    assertThat(report.usage().functions()).allMatch(r -> r.bytes() < 0x6000);
    assertThat(report.usage().attributed() + report.usage().unattributed()).isEqualTo(0x60f0);
    assertThat(report.usage().bytesOf("gullport")).isEqualTo(0x70);
    // The true cause: completion within completion.
    assertThat(report.stack().cycles()).isNotEmpty();
    List<String> turn =
        report.stack().frames().stream()
            .skip(report.stack().cycles().getFirst().first())
            .limit(report.stack().cycles().getFirst().period())
            .map(RebuiltFrame::function)
            .toList();
    assertThat(turn)
        .containsExactlyInAnyOrder(
            "multidsm!DsmWriteEvent", "CLASSPNP!TransferPktComplete", "nt!IopfCompleteRequest");
    Matcher memory = MEMORY.matcher(run(debuggee, "kf 100"));
    int rows = 0;
    while (memory.find()) {
      rows++;
      if (memory.group(1) != null) {
        assertThat(Long.parseLong(memory.group(1), 16)).isLessThan(0x6000);
      }
    }
    assertThat(rows).isGreaterThan(100);
  }

  @Test
  void recursionShowsInTheWordsWhereNoFrameCanBeTrusted() throws IOException {
    StackReport report = report(open(Misdiagnosis.RAW_RECURSION));
    assertOverflow(report, Cause.STACK_EXHAUSTED, "0x40 bytes below its limit");
    assertThat(report.usage().firm()).isLessThan(report.usage().size() / 10);
    WordPeriods.Period period = report.repeated().orElseThrow().period();
    assertThat(period.periodBytes()).isEqualTo(0x80);
    assertThat(period.count()).isEqualTo(192);
    assertThat(report.suspect().map(Suspect::module)).contains("molelo");
    assertThat(report.suspect().map(Suspect::proof)).contains(Suspect.Proof.SEEN);
    assertThat(report.buckets().overflow()).startsWith("overflow_molelo_");
  }

  @Test
  void oneBitOfThePointerIsHardware() throws IOException {
    StackReport report = report(open(Misdiagnosis.ONE_BIT));
    assertNoOverflow(report, Cause.BIT_FLIP);
    assertThat(report.verdict().summary())
        .contains("bit 19", "f5da9948", "f5d29948", "memory or processor");
    assertThat(report.suspect()).isEmpty();
    assertThat(report.buckets().failure()).startsWith("0x7f_8_STACKPTR_ERROR_");
  }

  @Test
  void aPointerOfUserModeIsNoOverflow() throws IOException {
    StackReport report = report(open(Misdiagnosis.USER_POINTER));
    assertNoOverflow(report, Cause.USER_STACK_POINTER);
    assertThat(report.verdict().summary()).contains("667b97dfc0");
    assertThat(report.suspect().map(Suspect::module)).contains("hvmon");
    assertThat(report.buckets().failure()).isEqualTo("0x7f_8_STACKPTR_ERROR_hvmon!HvExit");
    assertNoOverflow(report(open(Misdiagnosis.NO_POINTER)), Cause.WILD_STACK_POINTER);
  }

  @Test
  void aLoopOfExceptionsIsTracedToItsOldestTrapFrame() throws IOException {
    StackReport report = report(open(Misdiagnosis.DISPATCH_LOOP));
    assertThat(report.verdict().outcome()).isEqualTo(Outcome.PROVEN);
    assertThat(report.verdict().cause()).isEqualTo(Cause.DISPATCH_LOOP);
    assertThat(report.verdict().facts()).anyMatch(f -> f.contains("stoat!StoatTouch+0x7"));
    assertThat(report.suspect().map(Suspect::symbol)).contains("stoat!StoatTouch+0x7");
    assertThat(report.buckets().overflow()).isEqualTo("overflow_stoat_exception-dispatch");
    assertThat(report.advice()).hasSize(1).first().asString().contains("stoat!StoatTouch+0x7");
    assertThat(report.vendorNote()).isEmpty();
  }

  @Test
  void otherBugChecksEndAStackToo() throws IOException {
    StackReport panic = report(open(Misdiagnosis.PANIC));
    assertOverflow(panic, Cause.PANIC_SWITCH, "b9f10058");
    assertThat(panic.suspect().map(Suspect::module)).contains("vole");
    StackReport invalid = report(open(Misdiagnosis.INVALID_STACK));
    assertOverflow(invalid, Cause.STACK_EXHAUSTED, "0xf0 bytes below its limit");
    assertThat(invalid.usage().bytesOf("shrew")).isEqualTo(52 * 0x1d0);
    StackReport thread = report(open(Misdiagnosis.THREAD_EXCEPTION));
    assertOverflow(thread, Cause.STACK_EXHAUSTED, "0xf0 bytes below its limit");
    StackReport jump = report(open(Misdiagnosis.UNPROBED_JUMP));
    assertOverflow(jump, Cause.STACK_EXHAUSTED, "bytes below its limit");
    assertThat(jump.verdict().facts()).anyMatch(f -> f.contains("beyond the guard page"));
    assertThat(jump.buckets().failure()).isEqualTo("0x8e_c0000005_vole!VoleBuildList");
  }

  @Test
  void theSameBugChecksHaveOtherCauses() throws IOException {
    StackReport pointer = report(open(Misdiagnosis.NULL_POINTER));
    assertNoOverflow(pointer, Cause.UNRELATED);
    assertThat(pointer.suspect().map(Suspect::symbol)).contains("stoat!StoatTouch+0x7");
    StackReport guard = report(open(Misdiagnosis.GUARD_PAGE_READ));
    assertNoOverflow(guard, Cause.WRITE_BELOW_STACK);
    assertThat(guard.suspect().map(Suspect::module)).contains("lynxmon");
  }

  private static void assertOverflow(StackReport report, Cause cause, String where) {
    OverflowVerdict verdict = report.verdict();
    assertThat(verdict.outcome()).as(verdict.toString()).isEqualTo(Outcome.PROVEN);
    assertThat(verdict.cause()).isEqualTo(cause);
    assertThat(verdict.summary()).contains(where);
    StackUsage usage = report.usage();
    assertThat(usage.attributed()).isLessThanOrEqualTo(usage.size());
    assertThat(report.stages()).allMatch(s -> s.bytes() <= usage.size());
  }

  private static void assertNoOverflow(StackReport report, Cause cause) {
    assertThat(report.verdict().outcome())
        .as(report.verdict().toString())
        .isEqualTo(Outcome.NOT_AN_OVERFLOW);
    assertThat(report.verdict().cause()).isEqualTo(cause);
    assertThat(report.buckets().overflow()).isEmpty();
  }

  private Debuggee open(Misdiagnosis which) throws IOException {
    Path file = folder.resolve(which + ".dmp");
    which.write(file);
    return Debuggee.open(file, "", "");
  }

  private static StackReport report(Debuggee debuggee) {
    return debuggee.report(debuggee.kernel().orElseThrow());
  }

  private static String run(Debuggee debuggee, String command) {
    StringBuilder out = new StringBuilder();
    new Interpreter(new Session(debuggee), out).run(command);
    return out.toString();
  }
}
