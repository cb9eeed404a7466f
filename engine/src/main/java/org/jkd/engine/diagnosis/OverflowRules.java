// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Arch;

/**
 * Decides whether a stack ran out.
 *
 * <p>The order of the questions is that of the public misdiagnoses: the stack pointer against the
 * limit comes before any sum of frames (a debugger's short walk once "proved" that a stack with its
 * pointer 0x40 below the limit was fine), the one-bit test before blame, and the class of the
 * pointer before both.
 */
public final class OverflowRules {
  private static final int PAGE = 0x1000;

  /**
   * How far below its limit a stack pointer may stand and still belong to that stack: one function
   * can reserve several pages before it touches the first.
   */
  static final long REACH_BELOW = 4L * PAGE;

  /** The least share of a stack that frames must explain before they decide anything. */
  private static final double ENOUGH = 0.8;

  /** Room that the innermost function can have taken for itself when nothing tells its frame. */
  static final long LAST_FRAME = 0x600;

  /** Nothing is ever mapped below: the smallest numbers are no addresses. */
  private static final long NO_ADDRESS = 0x10000;

  private final FaultFacts facts;
  private final List<String> said = new ArrayList<>();

  private OverflowRules(FaultFacts facts) {
    this.facts = facts;
  }

  /** The verdict for a crash. */
  public static OverflowVerdict decide(FaultFacts facts) {
    return new OverflowRules(facts).decide();
  }

  /** The stack that the pointer at the fault stands on, or just below; empty if on none. */
  public static Optional<FaultFacts.StackRange> stack(FaultFacts facts) {
    return facts.stackPointer().isEmpty()
        ? Optional.empty()
        : new OverflowRules(facts).stackOf(facts.stackPointer().getAsLong());
  }

  /**
   * What the processor pushes for a fault without a change of stack, alignment included: EFLAGS,
   * CS, EIP and an error code on x86; SS, RSP, RFLAGS, CS, RIP and an error code, 16-byte aligned,
   * on x64.
   */
  static int pushSlack(Arch arch) {
    return arch == Arch.X86 ? 16 : 64;
  }

  private OverflowVerdict decide() {
    long code = BugCheckCatalog.strip(facts.code());
    if (code == 0x7f && parameter(0) != 8) {
      said.add("bug check 7F with trap " + Long.toHexString(parameter(0)) + ", not 8");
      return not(
          OverflowVerdict.Cause.UNRELATED,
          "The trap was " + BugCheckCatalog.trapName(parameter(0)) + ", not a double fault.");
    }
    if (!canBeOverflow(code)) {
      return not(
          OverflowVerdict.Cause.UNRELATED,
          "Bug check "
              + BugCheckCatalog.of(code).name()
              + " does not come from the depth of a stack.");
    }
    if (facts.stackPointer().isEmpty()) {
      said.add("the registers of the moment of the fault are not in the dump");
      return byReach();
    }
    long sp = facts.stackPointer().getAsLong();
    said.add("stack pointer " + hex(sp) + " (" + facts.source() + ")");
    if (Long.compareUnsigned(sp, NO_ADDRESS) < 0) {
      return not(
          OverflowVerdict.Cause.WILD_STACK_POINTER,
          "The stack pointer was " + hex(sp) + ", which is no address of any stack.");
    }
    if (isUser(sp)) {
      return not(
          OverflowVerdict.Cause.USER_STACK_POINTER,
          "The kernel ran with the stack pointer " + hex(sp) + ", an address of user mode.");
    }
    Optional<FaultFacts.StackRange> stack = stackOf(sp);
    if (stack.isEmpty()) {
      return noStack(sp);
    }
    return code == 0x2b ? panic(stack.orElseThrow(), sp) : inStack(stack.orElseThrow(), sp, code);
  }

  /** Without registers a rebuilt stack that leaves no room makes an overflow likely, not more. */
  private OverflowVerdict byReach() {
    if (facts.reach().isPresent()) {
      FaultFacts.Reach reach = facts.reach().orElseThrow();
      long room = reach.innermost() - reach.stack().limit();
      said.add(
          "the rebuilt stack explains "
              + Math.round(100 * reach.coverage())
              + " % of the "
              + reach.stack().name()
              + " "
              + hex(reach.stack().limit())
              + " to "
              + hex(reach.stack().base())
              + " and begins "
              + bytes(room)
              + " above its limit");
      if (reach.coverage() >= ENOUGH && room >= 0 && room <= LAST_FRAME) {
        return new OverflowVerdict(
            OverflowVerdict.Outcome.LIKELY,
            OverflowVerdict.Cause.STACK_EXHAUSTED,
            "The calls on the stack leave "
                + bytes(room)
                + " of it: it ran out most likely, but the stack pointer at the fault is not in"
                + " the dump.",
            said);
      }
    }
    return new OverflowVerdict(
        OverflowVerdict.Outcome.UNDECIDABLE,
        OverflowVerdict.Cause.UNKNOWN,
        "The stack pointer at the fault is not in the dump"
            + (facts.arch() == Arch.X86 ? " (task state segment 28)" : "")
            + ".",
        said);
  }

  private OverflowVerdict inStack(FaultFacts.StackRange stack, long sp, long code) {
    long distance = sp - stack.limit();
    boolean below = distance < 0;
    said.add(
        stack.name()
            + " "
            + hex(stack.limit())
            + " to "
            + hex(stack.base())
            + ": the pointer is "
            + where(distance).replace("its", "the"));
    boolean faultBelow = faultInGuard(stack);
    if (below || distance < pushSlack(facts.arch())) {
      return exhausted(stack, sp, distance);
    }
    // The fault that no frame could be pushed for may have touched the guard page through an
    // operand
    // a little below the pointer (a push of many registers, a call's first store).
    if (faultBelow && distance < 0x200 && code == 0x7f) {
      return exhausted(stack, sp, distance);
    }
    if (faultBelow) {
      return not(
          OverflowVerdict.Cause.WRITE_BELOW_STACK,
          "Address "
              + hex(facts.faultAddress().getAsLong())
              + " below the stack was touched while the stack pointer had "
              + bytes(distance)
              + " left: a pointer or an overrun array, not the depth of the stack.");
    }
    if (facts.dispatchLoop().isPresent() && distance < 2L * PAGE) {
      return exhausted(stack, sp, distance);
    }
    return not(
        OverflowVerdict.Cause.UNRELATED,
        "The stack pointer is inside the " + stack.name() + " with " + bytes(distance) + " left.");
  }

  private OverflowVerdict exhausted(FaultFacts.StackRange stack, long sp, long distance) {
    OverflowVerdict.Outcome outcome =
        switch (facts.guard()) {
          case NOT_VALID -> OverflowVerdict.Outcome.PROVEN;
          case UNKNOWN ->
              distance <= 0 ? OverflowVerdict.Outcome.PROVEN : OverflowVerdict.Outcome.LIKELY;
          case VALID ->
              distance < 0 ? OverflowVerdict.Outcome.PROVEN : OverflowVerdict.Outcome.LIKELY;
        };
    said.add(
        switch (facts.guard()) {
          case NOT_VALID -> "the page below the limit is not valid: the guard page";
          case VALID -> "the page below the limit is mapped: no guard page there";
          case UNKNOWN -> "whether the page below the limit is a guard page is not in the dump";
        });
    if (distance < -PAGE) {
      said.add(
          "the pointer is beyond the guard page: it was lowered by more than a page at once, or the"
              + " pages below belong to something else");
    }
    String where = where(distance);
    if (facts.dispatchLoop().isPresent()) {
      said.add(facts.dispatchLoop().orElseThrow());
      return new OverflowVerdict(
          outcome,
          OverflowVerdict.Cause.DISPATCH_LOOP,
          "The "
              + stack.name()
              + " ran out: exceptions were raised while exceptions were dispatched.",
          said);
    }
    return new OverflowVerdict(
        outcome,
        OverflowVerdict.Cause.STACK_EXHAUSTED,
        "The "
            + stack.name()
            + " of "
            + (stack.base() - stack.limit())
            + " bytes ran out: the stack pointer "
            + hex(sp)
            + " stood "
            + where
            + ".",
        said);
  }

  private OverflowVerdict panic(FaultFacts.StackRange stack, long sp) {
    long distance = sp - stack.limit();
    said.add(stack.name() + " " + hex(stack.limit()) + " to " + hex(stack.base()));
    said.add("the trap handler itself found no room and changed to another stack (bug check 2B)");
    return new OverflowVerdict(
        OverflowVerdict.Outcome.PROVEN,
        OverflowVerdict.Cause.PANIC_SWITCH,
        "The kernel noticed on its way into a trap that the "
            + stack.name()
            + " had run out: the stack pointer "
            + hex(sp)
            + " stood "
            + where(distance)
            + ".",
        said);
  }

  private static String where(long distance) {
    if (distance == 0) {
      return "exactly at its limit";
    }
    return bytes(Math.abs(distance)) + (distance < 0 ? " below its limit" : " above its limit");
  }

  private OverflowVerdict noStack(long sp) {
    said.add("no stack of the machine contains it");
    for (FaultFacts.StackRange stack : facts.stacks()) {
      for (int bit = facts.arch() == Arch.X86 ? 2 : 3; bit < bits(); bit++) {
        long repaired = sp ^ (1L << bit);
        if (stack.contains(repaired) && frameAgrees(stack, repaired)) {
          said.add(
              "with bit "
                  + bit
                  + " turned it is "
                  + hex(repaired)
                  + ", inside the "
                  + stack.name());
          return not(
              OverflowVerdict.Cause.BIT_FLIP,
              "One bit (bit "
                  + bit
                  + ") of the stack pointer is wrong: "
                  + hex(sp)
                  + " should be "
                  + hex(repaired)
                  + ". Suspect memory or processor.");
        }
      }
    }
    return not(
        OverflowVerdict.Cause.WILD_STACK_POINTER,
        "The stack pointer " + hex(sp) + " lies in no stack of this machine.");
  }

  /** On x86 a frame pointer inside the stack must lie above the repaired stack pointer. */
  private boolean frameAgrees(FaultFacts.StackRange stack, long repaired) {
    if (facts.arch() != Arch.X86 || facts.framePointer().isEmpty()) {
      return true;
    }
    long bp = facts.framePointer().getAsLong();
    return !stack.contains(bp) || Long.compareUnsigned(bp, repaired) >= 0;
  }

  /** The stack that an address belongs to, or stands just below. */
  private Optional<FaultFacts.StackRange> stackOf(long sp) {
    for (FaultFacts.StackRange stack : facts.stacks()) {
      if (stack.contains(sp) || sp == stack.base()) {
        return Optional.of(stack);
      }
    }
    for (FaultFacts.StackRange stack : facts.stacks()) {
      long below = stack.limit() - sp;
      if (below > 0 && below <= REACH_BELOW) {
        return Optional.of(stack);
      }
    }
    return Optional.empty();
  }

  private boolean faultInGuard(FaultFacts.StackRange stack) {
    if (facts.faultAddress().isEmpty()) {
      return false;
    }
    long below = stack.limit() - facts.faultAddress().getAsLong();
    return below > 0 && below <= PAGE;
  }

  /** Bug checks that an exhausted stack can end in. */
  private static boolean canBeOverflow(long code) {
    return code == 0x7f
        || code == 0x2b
        || code == 0x1aa
        || code == 0x1ab
        || code == 0x50
        || code == 0x1e
        || code == 0x7e
        || code == 0x8e
        || code == 0x3b
        || code == 0x77
        || code == 0x0a
        || code == 0xd1;
  }

  private boolean isUser(long address) {
    return facts.arch() == Arch.X86
        ? Long.compareUnsigned(address, 0x8000_0000L) < 0
        : address >= 0 && address >>> 47 == 0;
  }

  private int bits() {
    return facts.arch() == Arch.X86 ? 32 : 48;
  }

  private long parameter(int index) {
    return index < facts.parameters().size() ? facts.parameters().get(index) : 0;
  }

  private OverflowVerdict not(OverflowVerdict.Cause cause, String summary) {
    return new OverflowVerdict(OverflowVerdict.Outcome.NOT_AN_OVERFLOW, cause, summary, said);
  }

  /** A distance; its digits alone could be read as decimal ones. */
  private static String bytes(long distance) {
    return (distance < 0 ? "-" : "") + "0x" + Long.toHexString(Math.abs(distance)) + " bytes";
  }

  private String hex(long value) {
    return Long.toHexString(value);
  }
}
