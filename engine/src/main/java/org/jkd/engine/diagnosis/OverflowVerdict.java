// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.List;

/**
 * Whether a stack ran out, with the facts that decided it.
 *
 * @param outcome what can be said
 * @param cause what it is, whatever the outcome
 * @param summary one sentence for people
 * @param facts the facts that led here, in the order in which they were asked
 */
public record OverflowVerdict(Outcome outcome, Cause cause, String summary, List<String> facts) {

  /** How sure the answer is. */
  public enum Outcome {
    PROVEN("overflow"),
    LIKELY("likely overflow"),
    NOT_AN_OVERFLOW("not an overflow"),
    UNDECIDABLE("undecidable");

    private final String text;

    Outcome(String text) {
      this.text = text;
    }

    /** The word in text and JSON. */
    public String text() {
      return text;
    }
  }

  /** What happened. */
  public enum Cause {
    /** The stack pointer reached the guard page. */
    STACK_EXHAUSTED("kernel stack overflow"),
    /** The kernel's own check on the way into a trap found no room and changed stacks. */
    PANIC_SWITCH("kernel stack overrun, noticed by the trap handler"),
    /** Exceptions were dispatched again and again until the stack ran out. */
    DISPATCH_LOOP("kernel stack overflow by exceptions within exception dispatch"),
    /** One bit of the stack pointer is wrong: memory or processor. */
    BIT_FLIP("stack pointer error in one bit"),
    /** The stack pointer lies in no stack and is no one-bit error either. */
    WILD_STACK_POINTER("stack pointer in no known stack"),
    /** Kernel code ran with a stack pointer of user mode. */
    USER_STACK_POINTER("stack pointer of user mode in the kernel"),
    /**
     * Something wrote below the stack through a pointer while the stack pointer was well inside.
     */
    WRITE_BELOW_STACK("access below the stack through a pointer"),
    /** The crash has nothing to do with the depth of the stack. */
    UNRELATED("another failure"),
    /** What would decide it is missing. */
    UNKNOWN("not enough is known");

    private final String text;

    Cause(String text) {
      this.text = text;
    }

    /** A few words for people. */
    public String text() {
      return text;
    }
  }

  /** True when the stack ran out, or most likely did. */
  public boolean isOverflow() {
    return outcome == Outcome.PROVEN || outcome == Outcome.LIKELY;
  }
}
