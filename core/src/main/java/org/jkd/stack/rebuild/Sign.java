// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

/**
 * Every kind of evidence, its weight, and where the weight comes from. This is the only place that
 * holds weights. Weights are bits: 1 doubles the odds that a frame is live.
 *
 * <p>They are set in this order: what a coincidence would cost (a 32-bit equality is worth more
 * than any of these, so weights are capped by how often the <em>analysis</em> is wrong, not by how
 * often words coincide); what {@code docs/reconstruction.md} measured; and where neither says
 * anything, the smallest number that orders two cases correctly.
 */
public enum Sign {
  /** Code analysis knows one stack depth at this place. Wrong at less than 1 in 10^4 places. */
  DEPTH("depth", 14, "the code's stack depth leads here"),
  /** One of several depths, because a callee's popped bytes are not known. */
  DEPTH_CHOICE("depth-choice", 9, "one of the depths that the code allows leads here"),
  /** The instruction at the address is a return. Nothing can lie in between. */
  AT_RETURN("at-return", 14, "the next instruction returns from here"),
  /** Unwind information of the image. The compiler wrote it for exactly this. */
  UNWIND_INFO("unwind-info", 16, ".pdata leads here"),
  /** An x64 function without unwind information has no frame. */
  LEAF("leaf", 8, "a function without unwind information returns from here"),
  /** FrameData, FPO or S_FRAMEPROC. At 173 call sites of MSVC never too short. */
  FRAME_RECORD("frame-record", 14, "a record of the symbols leads here"),
  /** The same where arguments of unknown size lie in between. */
  FRAME_RECORD_NEAR("frame-record-near", 9, "the first return address above a record's place"),
  /** The frame pointer register, by a rule that the code's analysis found. */
  FRAME_REGISTER("frame-register", 14, "the frame register leads here"),
  /** The frame pointer register, where nothing is known about the code. */
  LINK("saved-link", 9, "the frame pointer chain leads here"),
  /**
   * A registration record lies at its fixed place below the frame. Four words must fit; of the 2000
   * x86 frames of the corpus without one, none has four such words there.
   */
  EXCEPTION_RECORD("exception-record", 6, "an exception registration record belongs to the frame"),
  /** The same, and fs:[0] or a trap frame's ExceptionList leads to it: it is no residue. */
  EXCEPTION_CHAIN("exception-chain", 10, "the list of exception handlers leads to the frame"),
  /** CET: two return addresses follow each other in memory that no program can write. */
  SHADOW_STACK("shadow-stack", 16, "the shadow stack has these two in this order"),
  /** The shadow stack has the inner address, and never this one after it. */
  SHADOW_OTHER("shadow-differs", -25, "the shadow stack has another address next"),
  /** The same, and the slot was overwritten since. */
  SHADOW_RETURN("shadow-return", 16, "the slot was overwritten; the shadow stack has the address"),
  /** Same call site, same distance: in the reference case all 70 call sites have one distance. */
  RECURRENCE("recurrence", 9, "the same call site has this distance elsewhere"),
  /** The return address below the arguments of the bug check: three parameters are equal. */
  BUG_CHECK_ARGUMENTS("bug-check-arguments", 16, "the arguments of the bug check lie above"),
  /** A second, independent way leads to the same word. */
  AGREEMENT("predictors-agree", 16, "independent ways lead to the same word"),
  /** Two ways lead to different words, and this is one of them. */
  DISAGREEMENT("predictors-disagree", -10, "another way leads elsewhere"),
  /** E8 whose target is code: 0.004 % of random code pointers pass (stack-walking.md, 2). */
  DIRECT_CALL("call-before", 12, "a direct call precedes the address"),
  /** FF /2: 0.14 to 1 % of random code pointers pass (stack-walking.md, 2). */
  INDIRECT_CALL("indirect-call-before", 7, "an indirect call precedes the address"),
  /** The bytes before the address are missing. */
  UNREADABLE_CODE("code-unreadable", 4, "the code before the address is not at hand"),
  /** Not even the sections of the module are known. */
  POSSIBLE_CODE("code-possible", 1, "the address lies in a module of which no byte is at hand"),
  /** Code is known and no call precedes. */
  NO_CALL("no-call-before", -30, "no call precedes the address"),
  /** The call calls the function of the inner frame. Decides between live and residue. */
  TARGET("target-agrees", 20, "the call calls the inner function"),
  /** The same over jumps: thunks, tail calls, import tables. */
  TARGET_JUMPS("target-agrees-over-jumps", 16, "the call reaches the inner function over jumps"),
  /** Target just below the inner address, and the code between them is missing. */
  TARGET_NEAR("target-near", 9, "the call's target lies just below the inner address"),
  /** The call calls something else. */
  TARGET_OTHER("target-differs", -25, "the call calls another function"),
  /** A trap frame whose fields are consistent. */
  TRAP_FRAME("trap-frame", 20, "a consistent trap frame"),
  /** The trap frame lies where KTHREAD or a register says. */
  TRAP_FRAME_POINTED("trap-frame-pointed", 14, "a register or the thread points to it"),
  /** The trap frame is merely the next one. */
  TRAP_FRAME_NEXT("trap-frame-next", 4, "the next trap frame above"),
  /** The saved frame pointer equals the outer frame's address. */
  SAVED_LINK("saved-link-agrees", 10, "the saved frame pointer fits"),
  /** The word was found by looking for it. */
  SEARCHED("searched", -6, "found by searching"),
  /** Each word that a search passed over. */
  SKIPPED("words-skipped", -0.05, "words passed over"),
  /** The chain is broken and goes on here. */
  GAP("gap", -28, "the chain is broken before this frame"),
  /** The chain is broken because a return address was overwritten where it must lie. */
  LOST_RETURN("return-overwritten", -14, "the return address inside was overwritten"),
  /** The chain comes from another stack, and nothing here leaves a stack. */
  NO_SWITCH("no-stack-switch", -80, "the call's target does not leave its stack"),
  /** A gap up to the frame of user mode: every frame in between is given up. */
  NOTHING_BELOW("nothing-below", -24, "no frame is known below the boundary of user mode"),
  /** Without code: each return address has one distance where it is live; set on six stacks. */
  SAME_DISTANCE("same-distance", 4, "the return address has this distance wherever it seems live"),
  /** It has another distance elsewhere. */
  DISTANCE_BROKEN("distance-broken", -9, "the return address has another distance elsewhere"),
  /** Nothing repeats. */
  SEEN_ONCE("seen-once", -1.5, "the return address is on the stack once"),
  /** The value is elsewhere, and was not taken for live there. */
  NOT_CHOSEN("not-live-elsewhere", -3, "the same address does not seem to be live elsewhere"),
  /** Functions and data begin at multiples of 16; of return addresses 1 in 16 is one. */
  ROUND_VALUE("round-value", -4, "a multiple of 16, as functions and data are"),
  /** All calls of one x64 function have the same distance. */
  NEIGHBOUR_DISTANCE("neighbour-distance", 2, "return addresses near it have this distance"),
  /** The same caller outside it elsewhere. */
  SAME_PAIR("same-pair", 1.5, "the same two frames follow each other elsewhere"),
  /** Live return addresses seldom occur as residue as well. */
  MOSTLY_LIVE("mostly-live", 4, "the address is live at most places where it lies"),
  /** Registers of a context. */
  CONTEXT("context", 30, "registers of the crash"),
  /** Each context that is tried after another one. */
  LATER_CONTEXT("later-context", -10, "better registers exist"),
  /** A register of a context that must be repaired first. */
  REPAIRED("repaired-register", -12, "one bit of the stack pointer must be wrong"),
  /** x64 code keeps the stack 16-byte aligned at calls. */
  MISALIGNED("misaligned", -8, "the slot breaks the 16-byte rule of x64"),
  /** A known stack switch. */
  SWITCH("stack-switch", 10, "a pointer to the other stack lies here"),
  /** The chain ends at the system call or fault from user mode. */
  USER_BOUNDARY("user-boundary", 20, "user mode begins"),
  /** The chain ends at the place where threads start. */
  THREAD_START("thread-start", 15, "the stack's first frame"),
  /** The chain ends in the middle of the stack. */
  DEAD_END("dead-end", -40, "the chain ends before the top of the stack");

  private final String text;
  private final double bits;
  private final String meaning;
  private final Evidence standard;

  Sign(String text, double bits, String meaning) {
    this.text = text;
    this.bits = bits;
    this.meaning = meaning;
    this.standard = new Evidence(text, bits, meaning);
  }

  /** The stable name in text and JSON. */
  public String text() {
    return text;
  }

  /** Its weight in bits; of {@link #SKIPPED} the weight of one word. */
  public double bits() {
    return bits;
  }

  /** What it says, for people. */
  public String meaning() {
    return meaning;
  }

  /** The evidence with its standard weight. */
  Evidence evidence() {
    return standard;
  }

  /** The evidence with what was seen. */
  Evidence evidence(String detail) {
    return new Evidence(text, bits, detail);
  }
}
