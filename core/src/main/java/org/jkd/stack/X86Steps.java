// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.jkd.symbols.UnwindRecords;
import org.jspecify.annotations.Nullable;

/** The ways from an x86 frame to its caller. */
final class X86Steps {
  private static final long MASK = 0xffff_ffffL;

  /** Words to search upwards for a return address where records leave its place open. */
  private static final int SEARCH_WORDS = 64;

  /** Bytes above a trap handler's callee among which its trap frame is looked for. */
  private static final int TRAP_SEARCH = 0x40;

  /** The longest distance that a saved EBP is believed to lead. */
  private static final long MAX_LINK = 0x3000;

  /** Addresses from here on are the kernel's, also with 3 GB of user space. */
  private static final long KERNEL_START = 0x8000_0000L;

  // KCALLOUT_FRAME (ReactOS ndk/ketypes.h).
  private static final int CALLOUT_NEXT = 0x8;
  private static final int CALLOUT_EDI = 0xc;
  private static final int CALLOUT_ESI = 0x10;
  private static final int CALLOUT_EBX = 0x14;
  private static final int CALLOUT_EBP = 0x18;
  private static final int CALLOUT_RETURN = 0x1c;

  /** Where in KiCallUserMode kd's row points; the function leaves by a jump, not by a call. */
  private static final int CALL_USER_MODE_OFFSET = 4;

  private final StackWords words;
  private final CodeSource code;
  private final AddressMap<StackWords> images = new AddressMap<>();
  private final FrameProgram.Machine machine = new FrameProgram.Machine();

  private final @Nullable LongPredicate isReturn;

  X86Steps(StackWords words, CodeSource code) {
    this(words, code, null);
  }

  /**
   * @param isReturn says whether a slot can hold a return address; null for what is to be seen at
   *     the address that it holds
   */
  X86Steps(StackWords words, CodeSource code, @Nullable LongPredicate isReturn) {
    this.words = words;
    this.code = code;
    this.isReturn = isReturn;
  }

  boolean isUser(long address) {
    return address < KERNEL_START;
  }

  /** From a trap handler to what it interrupted; null if its trap frame is not found. */
  X86Walker.@Nullable Step trap(X86Rule rule, X86State state, long previousBase) {
    long frame = findTrapFrame(state);
    if (frame < 0) {
      return null;
    }
    boolean service = rule.entry() == X86Rule.Entry.SERVICE;
    X86Walker.Step step = new X86Walker.Step();
    step.base = previousBase < 0 ? state.bp : previousBase;
    step.args = step.base + 8;
    step.slot = frame + TrapFrame32.EIP;
    step.returnAddress = words.u32(step.slot);
    step.kind = service ? Frame.Kind.SYSCALL : Frame.Kind.TRAP;
    step.source = Frame.Source.TRAP_FRAME;
    int locals = rule.fpo().map(f -> (int) (f.locals() / 4)).orElse(0);
    step.note = new FrameNote.Trap(frame, X86Walker.dwords(rule.params()), locals);
    X86State next = new X86State();
    next.ip = step.returnAddress;
    next.sp = TrapFrame32.esp(words, frame);
    next.bp = words.u32(frame + TrapFrame32.EBP);
    next.bx = words.u32(frame + TrapFrame32.EBX);
    next.si = words.u32(frame + TrapFrame32.ESI);
    next.di = words.u32(frame + TrapFrame32.EDI);
    next.exact = true;
    next.afterService = service;
    step.next = next;
    return step;
  }

  private long findTrapFrame(X86State state) {
    if (state.bp != 0 && TrapFrame32.plausible(words, state.bp)) {
      return state.bp;
    }
    for (long at = state.sp; at < state.sp + TRAP_SEARCH; at += 4) {
      if (TrapFrame32.plausible(words, at)
          && (words.u32(at + TrapFrame32.DBG_ARG_MARK) == TrapFrame32.MARK
              || code.at(words.u32(at + TrapFrame32.EIP)).isPresent())) {
        return at;
      }
    }
    return -1;
  }

  /** From a function to its caller. */
  X86Walker.Step call(X86Rule rule, X86State state) {
    X86Walker.Step recorded = byRecord(rule, state);
    if (recorded != null) {
      return recorded;
    }
    if (rule.module() != null) {
      X86Walker.Step step = rules(rule, rule.module(), state);
      if (step != null) {
        return step;
      }
    }
    if (state.exact) {
      int pushed = prolog(rule, state.ip);
      if (pushed >= 0) {
        return fromProlog(rule, state, pushed);
      }
      if (state.afterService && isReturnAddress(words.u32(state.sp))) {
        // The stubs that make system calls have no frame: Zw functions, KiFastSystemCallRet.
        X86Walker.Step step = atSlot(rule, state, state.sp, Frame.Source.LEAF);
        step.note = new FrameNote.Fpo(Math.max(0, rule.params() / 4), 0, 0, OptionalLong.empty());
        return step;
      }
    }
    return framePointer(rule, state);
  }

  /** Leaves a frame by FrameData or else FPO; null if there are none or they lead nowhere. */
  X86Walker.@Nullable Step byRecord(X86Rule rule, X86State state) {
    if (rule.program().isPresent()) {
      X86Walker.Step step =
          frameData(rule, rule.program().get(), rule.frameData().orElseThrow(), state);
      if (step != null) {
        return step;
      }
    }
    return rule.fpo().isPresent() && rule.fpo().get().frame() == 0
        ? fpo(rule, rule.fpo().get(), state)
        : null;
  }

  /** Where records say that the return address lies if nothing else was pushed. */
  long recordedSlot(X86Rule rule, X86State state) {
    if (rule.program().isPresent()) {
      UnwindRecords.FrameData record = rule.frameData().orElseThrow();
      return state.sp + state.calleeParams + record.locals() + record.savedRegs() & MASK;
    }
    return rule.fpo().map(f -> fpoSearch(rule, f, state)).orElse(-1L);
  }

  /** Leaves a frame by the rules of a symbol file; null if there are none or they lead nowhere. */
  private X86Walker.@Nullable Step rules(X86Rule rule, CodeSource.Module module, X86State state) {
    Optional<String> text =
        module.symbols().cfi().rules(state.ip - module.base() - (state.exact ? 0 : 1));
    if (text.isEmpty()) {
      return null;
    }
    CfiProgram program = CfiProgram.parse(text.get());
    OptionalLong cfa = program.evaluate(".cfa", state::byName, words, 4);
    if (cfa.isEmpty()) {
      return null;
    }
    Function<String, OptionalLong> values = name -> name.equals(".cfa") ? cfa : state.byName(name);
    X86Walker.Step step = atSlot(rule, state, cfa.getAsLong() - 4, Frame.Source.CFI);
    X86State next = step.next;
    if (next != null) {
      next.bp = program.evaluate("$ebp", values, words, 4).orElse(state.bp);
      next.bx = program.evaluate("$ebx", values, words, 4).orElse(state.bx);
      next.si = program.evaluate("$esi", values, words, 4).orElse(state.si);
      next.di = program.evaluate("$edi", values, words, 4).orElse(state.di);
    }
    return step;
  }

  private X86Walker.Step framePointer(X86Rule rule, X86State state) {
    X86Walker.Step step = new X86Walker.Step();
    step.base = state.bp;
    step.args = state.bp + 8;
    step.note = rule.hasRecords() ? new FrameNote.NonFpo() : null;
    if (!words.readable(state.bp, 4) || !words.readable(state.bp + 4 & MASK, 4)) {
      return step;
    }
    finish(rule, state, step, state.bp + 4, Frame.Source.FRAME_POINTER);
    if (step.next != null) {
      step.next.bp = words.u32(state.bp);
    }
    return step;
  }

  /** The return address lies at a slot; nothing else changes. */
  private X86Walker.Step atSlot(X86Rule rule, X86State state, long slot, Frame.Source source) {
    X86Walker.Step step = new X86Walker.Step();
    step.base = slot - 4 & MASK;
    step.args = slot + 4 & MASK;
    finish(rule, state, step, slot & MASK, source);
    return step;
  }

  private void finish(
      X86Rule rule, X86State state, X86Walker.Step step, long slot, Frame.Source source) {
    if (!words.readable(slot, 4)) {
      return;
    }
    step.slot = slot;
    step.returnAddress = words.u32(slot);
    step.source = source;
    if (step.returnAddress == 0) {
      step.end = CallStack.End.RETURN_ADDRESS_ZERO;
      return;
    }
    X86State next = state.copy();
    next.ip = step.returnAddress;
    next.sp = slot + 4 & MASK;
    next.calleeParams = Math.max(0, rule.params());
    step.next = next;
  }

  /**
   * How many words a function has pushed at an address inside {@code push ebp; mov ebp, esp}: 0 or
   * 1; −1 when the address is past it or the function begins otherwise.
   */
  private int prolog(X86Rule rule, long ip) {
    CodeSource.Module module = rule.module();
    if (module == null || rule.functionOffset() < 0 || rule.functionOffset() > 4) {
      return -1;
    }
    StackWords image = image(module);
    long at = ip - rule.functionOffset();
    if (image.u8(at) == 0x8b && image.u8(at + 1) == 0xff) { // mov edi, edi
      if (ip < at + 2) {
        return 0;
      }
      at += 2;
    }
    boolean framed =
        image.u8(at) == 0x55
            && (image.u8(at + 1) == 0x8b && image.u8(at + 2) == 0xec
                || image.u8(at + 1) == 0x89 && image.u8(at + 2) == 0xe5);
    if (!framed) {
      return -1;
    }
    if (ip == at) {
      return 0;
    }
    return ip == at + 1 ? 1 : -1;
  }

  private X86Walker.Step fromProlog(X86Rule rule, X86State state, int pushed) {
    X86Walker.Step step = atSlot(rule, state, state.sp + 4L * pushed, Frame.Source.PROLOG);
    step.note = new FrameNote.NonFpo();
    if (pushed == 1 && step.next != null) {
      step.next.bp = words.u32(state.sp);
    }
    return step;
  }

  private X86Walker.Step fpo(X86Rule rule, UnwindRecords.Fpo record, X86State state) {
    long frameBytes = record.locals() + 4L * record.savedRegs();
    boolean inProlog = inProlog(rule, record, state);
    long start = fpoSearch(rule, record, state);
    long slot = inProlog && rule.functionOffset() == 0 ? start : findReturnSlot(start);
    X86Walker.Step step = atSlot(rule, state, slot, Frame.Source.FPO);
    OptionalLong savedEbp = OptionalLong.empty();
    if (record.usesBp() && !inProlog && record.savedRegs() > 0 && step.next != null) {
      // Saved registers lie lowest, EBP pushed after EBX where both are saved.
      long at = slot - frameBytes + 4L * Math.max(0, record.savedRegs() - 2);
      step.next.bp = words.u32(at);
      savedEbp = OptionalLong.of(step.next.bp);
    }
    step.note =
        new FrameNote.Fpo(
            record.params() / 4, (int) (record.locals() / 4), record.savedRegs(), savedEbp);
    return step;
  }

  private static boolean inProlog(X86Rule rule, UnwindRecords.Fpo record, X86State state) {
    return state.exact && rule.functionOffset() >= 0 && rule.functionOffset() < record.prolog();
  }

  private static long fpoSearch(X86Rule rule, UnwindRecords.Fpo record, X86State state) {
    long frameBytes = record.locals() + 4L * record.savedRegs();
    return state.sp + (inProlog(rule, record, state) ? 0 : state.calleeParams + frameBytes);
  }

  private X86Walker.@Nullable Step frameData(
      X86Rule rule, FrameProgram program, UnwindRecords.FrameData record, X86State state) {
    long search = program.aligns() ? state.bp + 4 & MASK : recordedSlot(rule, state);
    if (program.searches() && !program.aligns()) {
      search = findReturnSlot(search);
    }
    machine.clear();
    machine.set(FrameProgram.EIP, state.ip);
    machine.set(FrameProgram.ESP, state.sp);
    machine.set(FrameProgram.EBP, state.bp);
    machine.set(FrameProgram.EBX, state.bx);
    machine.set(FrameProgram.ESI, state.si);
    machine.set(FrameProgram.EDI, state.di);
    machine.set(FrameProgram.RA_SEARCH, search);
    machine.set(FrameProgram.CB_PARAMS, record.params());
    machine.set(FrameProgram.CB_LOCALS, record.locals());
    machine.set(FrameProgram.CB_SAVED_REGS, record.savedRegs());
    machine.set(FrameProgram.CB_CALLEE_PARAMS, state.calleeParams);
    if (!program.evaluate(machine, words)) {
      return null;
    }
    boolean knowsSlot = machine.eipSlot >= 0;
    long slot = knowsSlot ? machine.eipSlot : machine.get(FrameProgram.ESP) - 4 & MASK;
    X86Walker.Step step = atSlot(rule, state, slot, Frame.Source.FRAME_DATA);
    X86State next = step.next;
    if (next != null) {
      next.sp = machine.get(FrameProgram.ESP);
      next.bp = machine.get(FrameProgram.EBP);
      next.bx = machine.get(FrameProgram.EBX);
      next.si = machine.get(FrameProgram.ESI);
      next.di = machine.get(FrameProgram.EDI);
    }
    boolean framed = slot == (state.bp + 4 & MASK);
    step.note =
        framed
            ? new FrameNote.NonFpo()
            : new FrameNote.Fpo(
                (int) (record.params() / 4),
                (int) (record.locals() / 4),
                record.savedRegs() / 4,
                OptionalLong.empty());
    return step;
  }

  /** The first word from a place upwards that can be a return address; else the place itself. */
  private long findReturnSlot(long start) {
    for (int i = 0; i < SEARCH_WORDS; i++) {
      long slot = start + 4L * i & MASK;
      if (!words.readable(slot, 4)) {
        break;
      }
      if (isReturn != null ? isReturn.test(slot) : isReturnAddress(words.u32(slot))) {
        return slot;
      }
    }
    return start & MASK;
  }

  private boolean isReturnAddress(long value) {
    Optional<CodeSource.Module> module = code.at(value);
    return module.isPresent()
        && CallSites.before(image(module.get()), value) != CallSites.Verdict.NO_CALL;
  }

  private StackWords image(CodeSource.Module module) {
    StackWords known = images.get(module.base());
    if (known == null) {
      known = new StackWords(module.image());
      images.put(module.base(), known);
    }
    return known;
  }

  /**
   * From the outermost function of a DPC or interrupt stack back to the stack that it left.
   *
   * @param other the stack pointer that the function kept
   * @return null if no return address lies there
   */
  X86Walker.@Nullable Step stackSwitch(X86Rule rule, X86State state, long other) {
    long slot = findReturnSlot(other);
    if (!isReturnAddress(words.u32(slot))) {
      return null;
    }
    X86Walker.Step step = atSlot(rule, state, slot, Frame.Source.STACK_SWITCH);
    if (step.next != null) {
      // The callee-saved registers lie between; EBP is the one that leads up this stack.
      step.next.bp = 0;
      for (long at = other; at < slot; at += 4) {
        long link = words.u32(at);
        if (link > slot && link - slot < MAX_LINK) {
          step.next.bp = link;
        }
      }
    }
    return step;
  }

  /**
   * From user mode back to the kernel. Where {@code KiCallUserMode} is known it gets a row of its
   * own, as in kd's stacks ({@code nt!KiCallUserMode+0x4}); its ESP is the callout frame.
   *
   * @param frame the innermost KCALLOUT_FRAME that the walk has not passed yet
   * @param callUserMode the start of KiCallUserMode, 0 if unknown
   */
  X86Walker.Step callout(long frame, long callUserMode, X86State user, X86Walker.Step step) {
    if (!words.readable(frame + CALLOUT_NEXT, 8) || !words.readable(frame + CALLOUT_EBP, 8)) {
      return step;
    }
    if (callUserMode == 0) {
      leaveCallUserMode(frame, step);
      step.kind = Frame.Kind.CALLOUT;
      return step;
    }
    X86State next = new X86State();
    next.ip = callUserMode + CALL_USER_MODE_OFFSET;
    next.sp = frame;
    next.bp = user.bp;
    step.slot = -1;
    step.returnAddress = next.ip;
    step.kind = Frame.Kind.CALLOUT;
    step.source = Frame.Source.CALLOUT_FRAME;
    step.next = next;
    return step;
  }

  /** From KiCallUserMode to its caller, by what it pushed; the records only describe the row. */
  X86Walker.Step callUserMode(long frame, X86Rule rule, X86State state) {
    X86Walker.Step step = new X86Walker.Step();
    step.base = frame + CALLOUT_EBP;
    step.args = frame + CALLOUT_RETURN + 4;
    step.note = rule.fpo().isPresent() ? call(rule, state).note : null;
    leaveCallUserMode(frame, step);
    return step;
  }

  /** The callout frame that an inner one hides, 0 at the last. */
  long nextCallout(long frame) {
    return words.u32(frame + CALLOUT_NEXT);
  }

  private void leaveCallUserMode(long frame, X86Walker.Step step) {
    X86State next = new X86State();
    next.ip = words.u32(frame + CALLOUT_RETURN);
    next.sp = frame + CALLOUT_RETURN + 4;
    next.bp = words.u32(frame + CALLOUT_EBP);
    next.bx = words.u32(frame + CALLOUT_EBX);
    next.si = words.u32(frame + CALLOUT_ESI);
    next.di = words.u32(frame + CALLOUT_EDI);
    step.slot = frame + CALLOUT_RETURN;
    step.returnAddress = next.ip;
    step.source = Frame.Source.CALLOUT_FRAME;
    step.next = next;
  }
}
