// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.code.CallSite;
import org.jkd.code.SavedRegister;
import org.jkd.code.StackState;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.stack.AddressMap;

/** Judges the word in a slot as a return address, alone and against the frame inside it. */
final class WordJudge {
  private final CodeFacts code;
  private final AddressMap<Word> words = new AddressMap<>();

  WordJudge(CodeFacts code) {
    this.code = code;
  }

  /** What a word is as a return address, by itself. */
  enum Shape {
    /** No code address. */
    DATA,
    /** Code whose bytes are known, and no call precedes. */
    NO_CALL,
    /** Somewhere in a module, bytes missing. */
    UNREADABLE,
    INDIRECT_CALL,
    DIRECT_CALL
  }

  /** A judged word. */
  record Word(Shape shape, Optional<CallSite> call) {
    /** True when the word can be a return address. */
    boolean candidate() {
      return shape.ordinal() >= Shape.UNREADABLE.ordinal();
    }

    /** True when a call precedes for certain. */
    boolean proven() {
      return shape.ordinal() >= Shape.INDIRECT_CALL.ordinal();
    }
  }

  /** The word by itself. */
  Word word(long value) {
    Word known = words.get(value);
    return known != null ? known : words.put(value, look(value));
  }

  private Word look(long value) {
    CodeFacts.Place place = code.place(value);
    if (place == CodeFacts.Place.NONE) {
      return new Word(Shape.DATA, Optional.empty());
    }
    Optional<CallSite> call = code.callBefore(value);
    if (call.isPresent()) {
      return new Word(
          call.get().kind() == CallSite.Kind.DIRECT ? Shape.DIRECT_CALL : Shape.INDIRECT_CALL,
          call);
    }
    if (!code.readable(value - 1) || !code.readable(value - 2)) {
      // Pointers to functions lie on stacks as well; no call returns to where a function starts.
      return new Word(code.startsFunction(value) ? Shape.DATA : Shape.UNREADABLE, call);
    }
    return new Word(Shape.NO_CALL, call);
  }

  /** Adds what the word says to a step's evidence. */
  void judge(long value, Point inner, List<Evidence> evidence) {
    Word word = word(value);
    switch (word.shape()) {
      case DATA, NO_CALL -> evidence.add(Sign.NO_CALL.evidence());
      case UNREADABLE ->
          evidence.add(
              code.place(value) == CodeFacts.Place.CODE
                  ? Sign.UNREADABLE_CODE.evidence()
                  : Sign.POSSIBLE_CODE.evidence());
      case INDIRECT_CALL -> evidence.add(Sign.INDIRECT_CALL.evidence());
      case DIRECT_CALL -> evidence.add(Sign.DIRECT_CALL.evidence());
    }
    target(word, inner).ifPresent(evidence::add);
  }

  /** What the call before a return address says about the frame inside it. */
  Optional<Evidence> target(long value, Point inner) {
    return target(word(value), inner);
  }

  private Optional<Evidence> target(Word word, Point inner) {
    if (word.call().isEmpty() || word.call().get().target() == 0) {
      return Optional.empty();
    }
    CallSite call = word.call().get();
    long ip = inner.returned() ? callInstruction(inner.ip()) : inner.ip();
    String text = "called " + Long.toHexString(call.target()) + ", inner " + Long.toHexString(ip);
    return switch (code.reach(call, ip)) {
      case YES -> Optional.of(Sign.TARGET.evidence(text));
      case JUMPS -> Optional.of(Sign.TARGET_JUMPS.evidence(text));
      case NEAR -> Optional.of(Sign.TARGET_NEAR.evidence(text));
      // A system call comes back to a bare return that nothing calls.
      case NO ->
          !inner.returned() && code.isReturn(inner.ip())
              ? Optional.empty()
              : Optional.of(Sign.TARGET_OTHER.evidence(text));
      case UNKNOWN -> Optional.empty();
    };
  }

  private long callInstruction(long returnAddress) {
    Optional<CallSite> call = word(returnAddress).call();
    return call.isPresent() ? call.get().instruction() : returnAddress - 1;
  }

  /**
   * The caller's registers after a frame is taken off.
   *
   * @param layout how the inner frame lies, if that is known
   * @param slot its return-address slot
   */
  CpuContext caller(
      CpuContext inner, Optional<StackState> layout, long slot, long ip, Stacks stacks) {
    int width = stacks.arch().pointerSize();
    CpuContext.Builder out =
        new CpuContext.Builder(stacks.arch())
            .with(Register.RIP, ip)
            .with(Register.RSP, slot + width);
    if (layout.isEmpty()) {
      return out.build();
    }
    for (Register register : NONVOLATILE) {
      Optional<SavedRegister> saved = layout.get().savedAt(register);
      if (saved.isPresent()) {
        long at = slot + saved.get().offset();
        if (stacks.knows(at)) {
          out.with(register, stacks.wordAt(at));
        }
      } else if (layout.get().isUnchanged(register) && inner.knows(register)) {
        out.with(register, inner.get(register));
      }
    }
    return out.build();
  }

  /** The registers that callees preserve, on both architectures. */
  static final List<Register> NONVOLATILE =
      List.of(
          Register.RBP,
          Register.RBX,
          Register.RSI,
          Register.RDI,
          Register.R12,
          Register.R13,
          Register.R14,
          Register.R15);

  /** A copy of a list with one more element. */
  static List<Evidence> plus(List<Evidence> list, Evidence more) {
    List<Evidence> copy = new ArrayList<>(list);
    copy.add(more);
    return copy;
  }
}
