// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.code.StackState;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Register;
import org.jkd.stack.RecordUnwind;
import org.jkd.stack.rebuild.Proposal.Way;

/**
 * What speaks for frames besides code and registers: records of symbols, the shadow stack,
 * exception registration records.
 */
final class Witnesses {
  /** How far above a frame its return address is looked for when only its value is known, bytes. */
  private static final int SHADOW_WINDOW = 0x1000;

  /** Callers of one place that are tried where a return address was overwritten. */
  private static final int MAX_RESTORED = 3;

  private final CodeFacts code;
  private final Stacks stacks;
  private final WordJudge judge;
  private final ShadowStack shadow;
  private final boolean x86;
  private final int width;

  Witnesses(CodeFacts code, Stacks stacks, WordJudge judge, ShadowStack shadow) {
    this.code = code;
    this.stacks = stacks;
    this.judge = judge;
    this.shadow = shadow;
    this.x86 = stacks.arch() == Arch.X86;
    this.width = stacks.arch().pointerSize();
  }

  /**
   * What symbols say. It confirms what the code says or stands in for it; code that leads to a
   * return address is not contradicted.
   *
   * @return true when the symbols are all that is known and say that no register holds the frame
   */
  boolean records(Point point, Optional<StackState> layout, Map<Long, Proposal> proposals) {
    if (Proposal.has(proposals, Sign.AT_RETURN)) {
      return false;
    }
    Optional<RecordUnwind.Result> found = code.record(point, this::isReturn);
    if (found.isEmpty()) {
      return false;
    }
    RecordUnwind.Result r = found.get();
    boolean decided =
        proposals.values().stream()
            .anyMatch(p -> p.pinned && p.slot != r.slot() && isReturn(p.slot));
    if (decided) {
      return false;
    }
    boolean sought = r.place() == RecordUnwind.Place.SOUGHT;
    Sign sign = sought ? Sign.FRAME_RECORD_NEAR : Sign.FRAME_RECORD;
    Way way = r.place() == RecordUnwind.Place.FRAMED ? Way.LINK : Way.RECORD;
    Proposal p = Proposal.propose(proposals, r.slot(), way, sign.evidence());
    p.pinned |= !sought;
    if (x86 && layout.isEmpty()) {
      p.context = Optional.of(r.caller());
    }
    return layout.isEmpty() && r.place() != RecordUnwind.Place.FRAMED;
  }

  /**
   * The shadow stack: it confirms the word in a slot, says what an overwritten one held, or what to
   * look for where no rule is left.
   */
  void shadow(Point point, Map<Long, Proposal> proposals) {
    long[] next = shadow.after(point.ip());
    if (next.length == 0) {
      return;
    }
    boolean confirmed = false;
    for (Proposal p : proposals.values()) {
      if (stacks.knows(p.slot) && shadow.follows(point.ip(), stacks.wordAt(p.slot))) {
        p.add(Way.SHADOW, Sign.SHADOW_STACK.evidence());
        confirmed = true;
      } else if (isReturn(p.slot)) {
        p.evidence.add(Sign.SHADOW_OTHER.evidence());
      }
    }
    boolean unique = next.length == 1;
    if (!confirmed && unique && proposals.isEmpty() && point.context().knows(Register.RSP)) {
      seek(point, next[0])
          .ifPresent(slot ->
              Proposal.propose(proposals, slot, Way.SHADOW, Sign.SHADOW_STACK.evidence()).pinned =
                  true);
    }
  }

  /** What a slot may have held that was overwritten; which of it is for the way on to show. */
  List<Proposal> restored(Point point, Proposal p) {
    long[] next = shadow.after(point.ip());
    List<Proposal> restored = new ArrayList<>();
    if (p.pinned
        && stacks.knows(p.slot)
        && !isReturn(p.slot)
        && stacks.trapFrameWithIpAt(p.slot).isEmpty()) {
      for (int i = 0; i < Math.min(next.length, MAX_RESTORED); i++) {
        String was = Long.toHexString(stacks.wordAt(p.slot)) + " was " + Long.toHexString(next[i]);
        restored.add(
            p.restored(next[i], next.length == 1)
                .add(Way.SHADOW, Sign.SHADOW_RETURN.evidence(was)));
      }
    }
    return restored;
  }

  /** The lowest slot above a place that holds a return address; x64. */
  private OptionalLong seek(Point point, long word) {
    for (long slot = point.sp() + 7 & -8; slot - point.sp() < SHADOW_WINDOW; slot += width) {
      if ((slot & 15) == 8 && stacks.knows(slot) && stacks.wordAt(slot) == word) {
        return OptionalLong.of(slot);
      }
    }
    return OptionalLong.empty();
  }

  boolean isReturn(long slot) {
    return stacks.knows(slot) && judge.word(stacks.wordAt(slot)).candidate();
  }

  /**
   * Exception registration records: they confirm frames that other rules predict, and the first one
   * above leads to its frame where no rule is left. Whether that is the frame of this function is
   * for the call in front of the return address to say.
   */
  void exceptionFrames(Point point, Optional<StackState> layout, Map<Long, Proposal> proposals) {
    if (!x86) {
      return;
    }
    boolean led = false;
    for (Proposal p : proposals.values()) {
      Optional<ExceptionRecords.Found> record = stacks.exceptionRecordOf(p.slot);
      record.ifPresent(r -> p.add(Way.EXCEPTION, exceptionEvidence(r)));
      led |= isReturn(p.slot);
    }
    boolean framed = layout.filter(l -> l.frameOffset(Register.RBP).isPresent()).isPresent();
    if (led || !framed || !point.context().knows(Register.RSP)) {
      return;
    }
    stacks
        .at(point.sp())
        .flatMap(s -> stacks.exceptions(s).firstChained(point.sp()))
        .ifPresent(r ->
            r.slots().stream()
                .filter(this::isReturn)
                .findFirst()
                .ifPresent(s -> far(point, r, s, proposals)));
  }

  /** A record makes a frame sure, not the way to it: what is passed over costs as in a search. */
  private void far(
      Point point, ExceptionRecords.Found record, long slot, Map<Long, Proposal> proposals) {
    Proposal p = Proposal.propose(proposals, slot, Way.EXCEPTION, exceptionEvidence(record));
    long words = (slot - point.sp()) / width;
    p.evidence.add(Sign.SEARCHED.evidence());
    p.evidence.add(
        new Evidence(
            Sign.SKIPPED.text(), Sign.SKIPPED.bits() * words, words + " words passed over"));
  }

  static Evidence exceptionEvidence(ExceptionRecords.Found record) {
    Sign sign = record.chained() ? Sign.EXCEPTION_CHAIN : Sign.EXCEPTION_RECORD;
    return sign.evidence(
        "registration record at "
            + Long.toHexString(record.address())
            + ", handler "
            + Long.toHexString(record.handler()));
  }
}
