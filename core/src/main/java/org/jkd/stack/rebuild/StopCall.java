// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.stack.rebuild.Proposal.Way;
import org.jkd.target.BugCheck;

/** Finds the call of the function that stopped the system by the arguments that it was given. */
final class StopCall {
  /** What a function has pushed when the first words above it are still looked at, bytes. */
  private static final int ENTRY_BYTES = 0x10;

  /** How far apart the arguments lie that the functions which stop the system pass on, bytes. */
  private static final int STOP_BYTES = 0x100;

  /** Parameters of a bug check that are passed in registers and stored on entry on x64. */
  private static final int SHOWN_PARAMETERS = 3;

  private final Stacks stacks;
  private final WordJudge judge;
  private final Optional<BugCheck> bugCheck;
  private final int width;

  StopCall(Stacks stacks, WordJudge judge, Optional<BugCheck> bugCheck) {
    this.stacks = stacks;
    this.judge = judge;
    this.bugCheck = bugCheck;
    this.width = stacks.arch().pointerSize();
  }

  /**
   * The function that stops the system is called with the code and the parameters of the header.
   */
  void arguments(Point point, Map<Long, Proposal> proposals) {
    if (bugCheck.isEmpty() || bugCheck.get().parameters().stream().allMatch(p -> p == 0)) {
      return;
    }
    for (long slot = point.sp(); slot - point.sp() <= ENTRY_BYTES; slot += width) {
      if (stopsTheSystem(slot, bugCheck.get())) {
        Proposal.propose(
                    proposals,
                    slot,
                    Way.ARGUMENTS,
                    Sign.BUG_CHECK_ARGUMENTS.evidence("at " + Long.toHexString(slot + width)))
                .pinned =
            true;
        return;
      }
    }
  }

  /** True when the code and the first parameters of the bug check lie above a slot. */
  private boolean stopsTheSystem(long slot, BugCheck stop) {
    // The code may be another: 0xA is reported as 0xD1 where a driver is to blame.
    boolean same =
        stacks.knows(slot + width)
            && stacks.wordAt(slot + width) != 0
            && stacks.wordAt(slot + width) >>> 16 == 0;
    for (int i = 1; i <= SHOWN_PARAMETERS && same; i++) {
      long at = slot + (long) (i + 1) * width;
      same = stacks.knows(at) && stacks.wordAt(at) == stop.parameter(i);
    }
    return same;
  }

  /**
   * Where the function that stops the system was called on a stack, found without registers: a
   * return address with the arguments of the bug check above it. All below it is residue or the
   * work of that function, which may pass its arguments on (seen 0x40 bytes further in).
   */
  Optional<Point> on(Segment segment) {
    if (bugCheck.isEmpty() || bugCheck.get().parameters().stream().allMatch(p -> p == 0)) {
      return Optional.empty();
    }
    Optional<Point> found = Optional.empty();
    long last = segment.base();
    for (int i = segment.firstKnown(0); i >= 0; i = segment.firstKnown(i + 1)) {
      long slot = segment.address(i);
      if (found.isPresent() && slot > last) {
        break;
      }
      if (judge.word(segment.word(i)).candidate() && stopsTheSystem(slot, bugCheck.get())) {
        last = found.isPresent() ? last : slot + STOP_BYTES;
        found =
            Optional.of(
                new Point(
                    CpuContext.unknown(stacks.arch())
                        .with(Register.RIP, segment.word(i))
                        .with(Register.RSP, slot + width),
                    true));
      }
    }
    return found;
  }
}
