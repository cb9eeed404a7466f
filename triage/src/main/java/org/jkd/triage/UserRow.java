// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.dump.mini.MiniDump;
import org.jkd.dump.mini.MiniException;
import org.jkd.dump.mini.MiniModule;
import org.jkd.dump.mini.MiniStream;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Session;
import org.jkd.engine.diagnosis.Buckets;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.stack.CallStack;
import org.jkd.stack.Frame;
import org.jkd.stack.rebuild.Cycles;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.stack.rebuild.Trust;
import org.jkd.symbols.SymbolSet;
import org.jkd.target.LoadedModule;
import org.jkd.target.UserTarget;

/**
 * What a user-mode minidump says. Its stack is walked by records and frame pointers, as far as a
 * recursion needs to show; it is not rebuilt.
 */
final class UserRow {
  private static final long STACK_OVERFLOW = 0xc000_00fdL;

  /** Rows that are walked: enough for three rounds of a recursion of 80 functions. */
  private static final int MAX_WALK = 256;

  private static final int WINDOWS_NT = 2;

  private final Debuggee debuggee;
  private final UserTarget user;
  private final MiniDump dump;
  private final Limits limits;

  UserRow(Debuggee debuggee, UserTarget user, Limits limits) {
    this.debuggee = debuggee;
    this.user = user;
    this.dump = user.dump();
    this.limits = limits;
  }

  TriageRow.Machine machine() {
    boolean windows = dump.system().platformId() == WINDOWS_NT;
    return new TriageRow.Machine(
        "User Mini Dump File",
        user.arch().name().toLowerCase(Locale.ROOT),
        windows
            ? "Windows NT " + dump.system().majorVersion() + "." + dump.system().minorVersion()
            : "not Windows",
        OptionalInt.of((int) dump.system().build()),
        "",
        dump.system().servicePack(),
        OptionalInt.of(dump.system().processors()),
        dump.timestamp() == 0 ? "" : Instant.ofEpochSecond(dump.timestamp()).toString(),
        OptionalLong.empty());
  }

  TriageRow.Stop stop() {
    Optional<MiniException> exception = user.exception();
    String process = dump.modules().stream().findFirst().map(MiniModule::fileName).orElse("");
    return exception
        .map(e ->
            new TriageRow.Stop(
                "0x" + Long.toHexString(e.record().code()),
                "",
                e.record().parameters().stream().map(p -> "0x" + Long.toHexString(p)).toList(),
                process))
        .orElse(new TriageRow.Stop("", "", List.of(), process));
  }

  Optional<TriageRow.Failure> integrity() {
    long size = dump.file().size();
    for (MiniStream s : dump.streams()) {
      // Unused entries of the directory may hold anything.
      if (s.type() != 0 && s.offset() + s.size() > size) {
        return Optional.of(
            new TriageRow.Failure(
                Category.TRUNCATED,
                "stream "
                    + s.type()
                    + " ends at "
                    + (s.offset() + s.size())
                    + ", the file at "
                    + size));
      }
    }
    for (var block : dump.memory().blocks()) {
      if (block.bytes().size() < block.length()) {
        return Optional.of(
            new TriageRow.Failure(Category.TRUNCATED, "the file ends inside its memory"));
      }
    }
    return dump.notes().stream().findFirst().map(n -> new TriageRow.Failure(Category.DAMAGED, n));
  }

  Facts analyse() {
    List<String> notes = new ArrayList<>(dump.notes());
    RebuiltStack stack = stack(notes);
    boolean overflow =
        user.exception().filter(e -> e.record().code() == STACK_OVERFLOW).isPresent();
    Buckets buckets =
        user.exception()
            .map(e -> Buckets.ofProcess(user.arch(), e.record().code(), overflow, stack))
            .orElse(new Buckets(stack.frames().isEmpty() ? "" : "no_exception", ""));
    return new Facts(
        new TriageRow.Stack(
            user.exception().isEmpty()
                ? ""
                : (overflow
                        ? OverflowVerdict.Outcome.PROVEN
                        : OverflowVerdict.Outcome.NOT_AN_OVERFLOW)
                    .text(),
            user.exception().isEmpty() ? "" : overflow ? "stack overflow" : "exception",
            OptionalDouble.empty(),
            OptionalLong.empty(),
            List.of(),
            Facts.symbols(stack, limits.frames()),
            Facts.trusts(stack, limits.frames())),
        TriageRow.Driver.NONE,
        TriageRow.Suspected.NONE,
        Facts.recursion(stack),
        buckets,
        notes);
  }

  private RebuiltStack stack(List<String> notes) {
    List<RebuiltFrame> frames = new ArrayList<>();
    if (user.arch() == Arch.ARM64) {
      notes.add("stacks of ARM64 are not walked");
    } else {
      Session session = new Session(debuggee);
      CallStack walked = session.walk(session.registers(), MAX_WALK);
      Frame.Source source = null;
      for (Frame f : walked.frames()) {
        frames.add(frame(f, source));
        source = f.source();
      }
    }
    return new RebuiltStack(
        OptionalLong.empty(),
        0,
        0,
        OptionalLong.empty(),
        frames,
        List.of(),
        Cycles.find(frames),
        List.of());
  }

  private RebuiltFrame frame(Frame f, Frame.@org.jspecify.annotations.Nullable Source source) {
    String module = user.moduleAt(f.ip()).map(LoadedModule::name).orElse("");
    Optional<SymbolSet.Nearest> near = debuggee.symbols().nearest(f.ip());
    String symbol = near.map(SymbolSet.Nearest::text).orElse("0x" + Long.toHexString(f.ip()));
    String function =
        near.flatMap(n -> n.symbol().map(s -> n.module().name() + "!" + s.name())).orElse(symbol);
    return new RebuiltFrame(
        f.index(),
        f.ip(),
        f.slot(),
        OptionalLong.of(f.base()),
        OptionalLong.of(f.returnAddress()),
        OptionalLong.empty(),
        module,
        symbol,
        function,
        f.distance().orElse(0),
        RebuiltFrame.Kind.CALL,
        source == null ? Trust.CONTEXT : trust(source),
        0,
        0,
        OptionalLong.empty(),
        List.of(),
        Optional.empty());
  }

  private static Trust trust(Frame.Source source) {
    return switch (source) {
      case FPO, FRAME_DATA, UNWIND_INFO, CFI, PROLOG -> Trust.UNWIND;
      case TRAP_FRAME, TASK_STATE, CALLOUT_FRAME, STACK_SWITCH -> Trust.UNWIND;
      case FRAME_POINTER -> Trust.LINK;
      case LEAF, NO_IMAGE, NONE -> Trust.SEARCH;
    };
  }
}
