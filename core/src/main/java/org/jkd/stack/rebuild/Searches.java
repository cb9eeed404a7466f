// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.code.StackState;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;

/** Looks for a frame's caller where no rule leads to it. */
final class Searches {
  private final CodeFacts code;
  private final Stacks stacks;
  private final WordJudge judge;
  private final boolean x86;
  private final int width;

  Searches(CodeFacts code, Stacks stacks, WordJudge judge) {
    this.code = code;
    this.stacks = stacks;
    this.judge = judge;
    this.x86 = stacks.arch() == Arch.X86;
    this.width = stacks.arch().pointerSize();
  }

  /** Every return address within reach that the inner frame's caller could be. */
  List<Step> search(Point point, int window) {
    Optional<Segment> where = stacks.at(point.sp());
    if (where.isEmpty() || !point.context().knows(Register.RSP)) {
      return List.of();
    }
    Segment segment = where.get();
    List<Step> steps = new ArrayList<>();
    Optional<StackState> layout = code.layout(point.ip(), point.returned());
    int from = segment.index(point.sp() & -width);
    int to = Math.min(segment.count(), from + window / width);
    for (int i = from; i < to; i++) {
      if (!segment.knows(i) || !judge.word(segment.word(i)).candidate()) {
        continue;
      }
      long slot = segment.address(i);
      long ip = segment.word(i);
      List<Evidence> evidence = new ArrayList<>(5);
      evidence.add(Sign.SEARCHED.evidence());
      int skipped = i - from;
      evidence.add(
          new Evidence(
              Sign.SKIPPED.text(), Sign.SKIPPED.bits() * skipped, skipped + " words passed over"));
      judge.judge(ip, point, evidence);
      if (!x86 && (slot & 15) != 8) {
        evidence.add(Sign.MISALIGNED.evidence());
      }
      boolean linked = x86 && layout.isEmpty() && linksOn(segment, slot);
      if (linked) {
        evidence.add(Sign.SAVED_LINK.evidence());
      }
      double bits = Proposal.sum(evidence);
      if (bits < -12) {
        continue;
      }
      CpuContext context = judge.caller(point.context(), layout, slot, ip, stacks);
      // A record makes a frame sure, not the way to it: other frames may lie in between.
      if (linked || stacks.exceptionRecordOf(slot).isPresent()) {
        context = context.with(Register.RBP, segment.wordAt(slot - 4));
      }
      if (layout.isEmpty()
          && !context.knows(Register.RBP)
          && point.context().knows(Register.RBP)
          && Long.compareUnsigned(point.context().bp(), slot) > 0) {
        context = context.with(Register.RBP, point.context().bp());
      }
      steps.add(
          new Step(
              slot,
              new Point(context, true, code.parameterBytes(point.ip(), point.returned())),
              RebuiltFrame.Kind.CALL,
              OptionalLong.empty(),
              List.copyOf(evidence),
              bits,
              Trust.SEARCH,
              false));
    }
    return steps;
  }

  /** True when the word below a slot points to another pair of saved EBP and return address. */
  boolean linksOn(Segment segment, long slot) {
    long ebp = segment.wordAt(slot - 4);
    return segment.knows(slot - 4)
        && Long.compareUnsigned(ebp, slot) > 0
        && segment.knows(ebp)
        && segment.knows(ebp + 4)
        && judge.word(segment.wordAt(ebp + 4)).candidate();
  }
}
