// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The EXCEPTION_REGISTRATION records of an x86 stack: {@code Next, Handler} as {@code fs:[0]} links
 * them, followed by what the compiler's own handlers keep there. Such a record lies at a fixed
 * distance below the frame's EBP, so it says where a frame lies, whatever became of the EBP chain.
 *
 * <p>Layouts: {@code _except_handler3} and {@code _except_handler4} have the scope table and the
 * try level behind Handler and the record at EBP−0x10 (stack-walking.md, 4; with handler 4 the
 * scope table is XORed with the cookie); {@code __CxxFrameHandler} has its state there and the
 * record at EBP−0xC. clang-cl pushes up to three registers in between (seen at EBP−0x1C).
 */
final class ExceptionRecords {
  /** Ends a chain. */
  private static final long LAST = 0xffff_ffffL;

  /** From a record with a scope table, or one of C++, to the EBP of its function. */
  private static final int SCOPE_FRAME = 0x10;

  private static final int CXX_FRAME = 0xc;

  /** What clang-cl saves between EBP and the record, bytes at most. */
  private static final int SAVED = 12;

  /** More nested {@code __try} blocks or C++ states than compilers are seen to make. */
  private static final int MAX_LEVEL = 0x400;

  /** KTRAP_FRAME.ExceptionList: what {@code fs:[0]} was in the code that was interrupted. */
  private static final int TRAP_LIST = 0x4c;

  /**
   * A record.
   *
   * @param address of Next
   * @param frame the lowest EBP that the function which registered it can have; 0 when what follows
   *     the record fits no handler
   * @param chained true when a processor's, thread's or trap frame's list leads to it, so that it
   *     was registered when the stack was last used
   */
  record Found(long address, long handler, long frame, boolean chained) {
    /** Where the return address of the function may lie, likeliest first. */
    List<Long> slots() {
      return frame == 0 ? List.of() : List.of(frame + 4, frame + 8, frame + 12, frame + 4 + SAVED);
    }
  }

  private final Segment segment;
  private final CodeFacts code;
  private final BitSet valid;
  private final Set<Long> chained = new HashSet<>();

  /**
   * @param heads values of {@code fs:[0]} that may lead into this stack
   */
  ExceptionRecords(Segment segment, CodeFacts code, TrapFrames traps, List<Long> heads) {
    this.segment = segment;
    this.code = code;
    this.valid = new BitSet(segment.count());
    for (int i = segment.count() - 2; i >= 0; i--) {
      if (segment.knows(i) && isRecord(i)) {
        valid.set(i);
      }
    }
    if (valid.isEmpty()) {
      return;
    }
    heads.forEach(this::follow);
    for (int i = 0; i < segment.count(); i++) {
      long list = segment.word(i) & LAST;
      int at = segment.index(list);
      if (at >= 0 && valid.get(at) && traps.at(segment.address(i) - TRAP_LIST).isPresent()) {
        follow(list);
      }
    }
  }

  /** True for a record whose chain ends as it should; looked at from the top down. */
  private boolean isRecord(int i) {
    long next = segment.word(i);
    int above = segment.index(next);
    boolean linked = above > i && valid.get(above);
    return (linked || next == LAST)
        && segment.knows(i + 1)
        && code.place(segment.word(i + 1)) != CodeFacts.Place.NONE;
  }

  /** The EBP that belongs to a record, 0 when what follows it fits no handler. */
  private long frame(int i) {
    if (!segment.knows(i + 2) || !segment.knows(i + 3)) {
      return 0;
    }
    long at = segment.address(i);
    if (isLevel(segment.word(i + 2)) && segment.index(segment.word(i + 3)) > i + 3) {
      return at + CXX_FRAME;
    }
    return isLevel(segment.word(i + 3)) && !isLevel(segment.word(i + 2)) ? at + SCOPE_FRAME : 0;
  }

  /** A try level: −1 (handler 3), −2 (handler 4) or the number of a block. */
  private static boolean isLevel(long word) {
    return word >= LAST - 1 || word < MAX_LEVEL;
  }

  private void follow(long head) {
    long at = head & LAST;
    // Chains only lead upwards, so this ends.
    for (int i = segment.index(at); i >= 0 && valid.get(i) && chained.add(at); ) {
      at = segment.word(i);
      i = segment.index(at);
    }
  }

  /** The record of the function whose return address lies in a slot. */
  Optional<Found> ofFrame(long slot) {
    for (long at = slot - 4 - CXX_FRAME; at >= slot - 4 - SCOPE_FRAME - SAVED; at -= 4) {
      Optional<Found> found = at(at).filter(f -> f.slots().contains(slot));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** The record at an address. */
  Optional<Found> at(long address) {
    int i = segment.index(address);
    return i >= 0 && valid.get(i)
        ? Optional.of(new Found(address, segment.word(i + 1), frame(i), chained.contains(address)))
        : Optional.empty();
  }

  /** The lowest record that a list leads to at or above an address. */
  Optional<Found> firstChained(long address) {
    int from = Math.max(0, segment.index(address & -4L));
    for (int i = valid.nextSetBit(from); i >= 0; i = valid.nextSetBit(i + 1)) {
      if (chained.contains(segment.address(i))) {
        return at(segment.address(i));
      }
    }
    return Optional.empty();
  }
}
