// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.code.Depth;
import org.jkd.code.StackState;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.stack.VirtualUnwind;
import org.jkd.stack.rebuild.Proposal.Way;
import org.jkd.target.BugCheck;

/** The ways from a frame to its caller: what rules predict, and what is on the stack there. */
final class Steps {
  /** How far above the stack pointer a trap handler's frame is looked for, bytes. */
  private static final int TRAP_WINDOW = 0x100;

  /** The functions between a trap handler and the end of the system use less than this. */
  private static final long HANDLER_BYTES = 0x1000;

  /** How many words above the stack pointer may hold the pointer to the other stack. */
  private static final int SWITCH_WORDS = 16;

  /** What a stack switch leaves on the old stack below its return address, bytes at most. */
  private static final int SWITCH_FRAME = 0x80;

  private final CodeFacts code;
  private final Stacks stacks;
  private final WordJudge judge;
  private final Distances distances;
  private final Witnesses witnesses;
  private final Searches searches;
  private final StopCall stop;
  private final OptionalLong threadTrapFrame;
  private final Optional<BugCheck> bugCheck;
  private final boolean x86;
  private final int width;

  Steps(
      CodeFacts code,
      Stacks stacks,
      WordJudge judge,
      Distances distances,
      ShadowStack shadow,
      OptionalLong threadTrapFrame,
      Optional<BugCheck> bugCheck) {
    this.code = code;
    this.stacks = stacks;
    this.judge = judge;
    this.distances = distances;
    this.witnesses = new Witnesses(code, stacks, judge, shadow);
    this.searches = new Searches(code, stacks, judge);
    this.stop = new StopCall(stacks, judge, bugCheck);
    this.threadTrapFrame = threadTrapFrame;
    this.bugCheck = bugCheck;
    this.x86 = stacks.arch() == Arch.X86;
    this.width = stacks.arch().pointerSize();
  }

  /** Everything that rules predict from a point, best first. */
  List<Step> from(Point point) {
    Map<Long, Proposal> proposals = new LinkedHashMap<>();
    Optional<StackState> layout = code.layout(point.ip(), point.returned());
    boolean spKnown = point.context().knows(Register.RSP);
    boolean returns = code.isReturn(point.ip()) || point.pushed() == Point.STUB;
    if (!point.returned() && spKnown && returns) {
      Proposal.propose(proposals, point.sp(), Way.STATIC, Sign.AT_RETURN.evidence()).pinned = true;
    } else if (x86) {
      staticX86(point, layout, proposals);
    } else {
      staticX64(point, layout, proposals);
    }
    boolean counted = witnesses.records(point, layout, proposals);
    if (!counted) {
      frameRegister(point, layout, proposals);
    }
    witnesses.exceptionFrames(point, layout, proposals);
    witnesses.shadow(point, proposals);
    if (point.returned() && spKnown) {
      OptionalLong delta = distances.of(point.ip());
      if (delta.isPresent()) {
        Proposal.propose(
            proposals,
            point.sp() - width + delta.getAsLong(),
            Way.RECURRENCE,
            Sign.RECURRENCE.evidence("distance " + delta.getAsLong() + " elsewhere"));
      }
    }
    if (!point.returned() && spKnown && proposals.isEmpty()) {
      stop.arguments(point, proposals);
    }
    traps(point, proposals);
    return judged(point, layout, proposals);
  }

  private void staticX86(Point point, Optional<StackState> layout, Map<Long, Proposal> proposals) {
    boolean spKnown = point.context().knows(Register.RSP);
    if (layout.isPresent() && spKnown) {
      depths(point, layout.get().depth(), proposals);
    }
  }

  private void staticX64(Point point, Optional<StackState> layout, Map<Long, Proposal> proposals) {
    if (!point.context().knows(Register.RSP)) {
      return;
    }
    Optional<VirtualUnwind.Result> unwound = code.unwind(point.context(), point.returned());
    if (unwound.isPresent()) {
      VirtualUnwind.Result u = unwound.get();
      Sign sign = u.leaf() ? Sign.LEAF : Sign.UNWIND_INFO;
      Proposal p = Proposal.propose(proposals, u.slot(), Way.STATIC, sign.evidence());
      p.pinned = !u.leaf();
      p.context = Optional.of(u.context());
      if (u.machineFrame()) {
        p.trap = stacks.trapFrameWithIpAt(u.slot());
      }
    }
    if (layout.isPresent() && (unwound.isEmpty() || unwound.get().leaf())) {
      depths(point, layout.get().depth(), proposals);
    }
  }

  private static void depths(Point point, Depth depth, Map<Long, Proposal> proposals) {
    for (long slot : depth.returnSlots(point.sp())) {
      Sign sign = depth.isExact() ? Sign.DEPTH : Sign.DEPTH_CHOICE;
      Proposal p =
          Proposal.propose(
              proposals,
              slot,
              Way.STATIC,
              sign.evidence("0x" + Long.toHexString(slot - point.sp()) + " bytes"));
      p.pinned |= sign == Sign.DEPTH;
    }
  }

  private void frameRegister(
      Point point, Optional<StackState> layout, Map<Long, Proposal> proposals) {
    boolean framed = false;
    if (layout.isPresent()) {
      for (StackState.FrameRegister f : layout.get().frames()) {
        if (!WordJudge.NONVOLATILE.contains(f.register())) {
          continue;
        }
        framed = true;
        if (point.context().knows(f.register())) {
          long value = point.context().get(f.register());
          Proposal p =
              Proposal.propose(
                  proposals,
                  stacks.arch().address(value - f.offset()),
                  Way.LINK,
                  Sign.FRAME_REGISTER.evidence(
                      WordNotes.name(f.register(), x86) + " " + Long.toHexString(value)));
          p.pinned = true;
          break;
        }
      }
    }
    if (framed) {
      return;
    }
    if (x86 && layout.isEmpty() && point.context().knows(Register.RBP)) {
      long ebp = point.context().bp();
      // A trap frame begins with copies of EBP and EIP, which look like a link and are none.
      if (stacks.knows(ebp)
          && Long.compareUnsigned(ebp, point.sp()) >= 0
          && stacks.trapFrameAt(ebp).isEmpty()) {
        Proposal.propose(
            proposals, ebp + 4, Way.LINK, Sign.LINK.evidence("ebp " + Long.toHexString(ebp)));
      }
    }
  }

  /**
   * Trap frames: where a prediction leads to one, where the frame pointer does, or the next one.
   */
  private void traps(Point point, Map<Long, Proposal> proposals) {
    boolean decided = false;
    for (Proposal p : List.copyOf(proposals.values())) {
      if (stacks.knows(p.slot)
          && judge.word(stacks.wordAt(p.slot)).proven()
          && p.ways.contains(Way.STATIC)) {
        decided = true;
        continue;
      }
      for (int errorCode = 0; errorCode <= width; errorCode += width) {
        Optional<TrapFrame> trap = stacks.trapFrameWithIpAt(p.slot + errorCode);
        if (trap.isPresent()) {
          Proposal t =
              Proposal.propose(proposals, trap.get().slot(), Way.TRAP, trapEvidence(trap.get()));
          t.trap = trap;
          t.pinned |= p.pinned;
          for (Evidence e : p.evidence) {
            if (!t.evidence.contains(e)) {
              t.evidence.add(e);
            }
          }
          t.ways.addAll(p.ways);
          break;
        }
      }
    }
    if (decided) {
      return;
    }
    CpuContext context = point.context();
    if (x86 && context.knows(Register.RBP)) {
      Optional<TrapFrame> trap = stacks.trapFrameAt(context.bp());
      if (trap.isPresent() && Long.compareUnsigned(context.bp(), point.sp()) >= 0) {
        Proposal t = trapProposal(proposals, trap.get());
        t.evidence.add(Sign.TRAP_FRAME_POINTED.evidence("ebp points to it"));
        t.ways.add(Way.LINK);
        t.pinned = true;
        return;
      }
    }
    if (context.knows(Register.RSP)) {
      Optional<Segment> segment = stacks.at(point.sp());
      if (segment.isPresent() && !x86 && proposals.isEmpty()) {
        handlerFrames(point, segment.get(), proposals);
      }
      if (segment.isPresent() && proposals.isEmpty()) {
        Optional<TrapFrame> trap =
            stacks
                .traps(segment.get())
                .firstIn(point.sp(), point.sp() + (x86 ? TRAP_WINDOW : 2 * TRAP_WINDOW));
        if (trap.isPresent()) {
          Proposal t = trapProposal(proposals, trap.get());
          t.evidence.add(Sign.TRAP_FRAME_NEXT.evidence());
          t.evidence.add(Sign.SEARCHED.evidence());
        }
      }
    }
  }

  /**
   * x64 without code: a trap handler calls others with the stack pointer at its trap frame, and the
   * bug check names the instruction that was interrupted.
   */
  private void handlerFrames(Point point, Segment segment, Map<Long, Proposal> proposals) {
    Optional<TrapFrame> here = stacks.traps(segment).at(point.sp());
    if (here.isPresent()) {
      Proposal t = trapProposal(proposals, here.get());
      t.evidence.add(Sign.TRAP_FRAME_POINTED.evidence("the stack pointer points to it"));
      t.pinned = true;
      return;
    }
    long end = Math.min(segment.base() - point.sp(), HANDLER_BYTES) + point.sp();
    for (long slot = point.sp(); slot < end && bugCheck.isPresent(); slot += width) {
      if (!segment.knows(slot) || !bugCheck.get().parameters().contains(segment.wordAt(slot))) {
        continue;
      }
      Optional<TrapFrame> trap = stacks.traps(segment).withIpAt(slot);
      if (trap.isPresent() && !trap.get().user()) {
        long call = trap.get().address() - width;
        if (call > point.sp() && judge.word(segment.wordAt(call)).candidate()) {
          Proposal.propose(
              proposals,
              call,
              Way.TRAP,
              Sign.TRAP_FRAME_POINTED.evidence("below the trap frame that the bug check names"));
        } else {
          trapProposal(proposals, trap.get())
              .evidence
              .add(Sign.TRAP_FRAME_POINTED.evidence("the bug check names its instruction"));
        }
        return;
      }
    }
  }

  private Proposal trapProposal(Map<Long, Proposal> proposals, TrapFrame trap) {
    Proposal p = proposals.computeIfAbsent(trap.slot(), Proposal::new);
    if (p.trap.isEmpty()) {
      p.add(Way.TRAP, trapEvidence(trap));
      p.trap = Optional.of(trap);
    }
    return p;
  }

  private static Evidence trapEvidence(TrapFrame trap) {
    return Sign.TRAP_FRAME.evidence("trap frame at " + Long.toHexString(trap.address()));
  }

  private List<Step> judged(
      Point point, Optional<StackState> layout, Map<Long, Proposal> proposals) {
    List<Step> steps = new ArrayList<>(proposals.size());
    boolean chosen = proposals.values().stream().anyMatch(this::choiceConfirmed);
    for (Proposal p : proposals.values()) {
      if (chosen && has(p, Sign.DEPTH_CHOICE) && !choiceConfirmed(p)) {
        continue;
      }
      if (Long.compareUnsigned(p.slot, point.sp()) < 0
          && point.context().knows(Register.RSP)
          && stacks.at(p.slot).equals(stacks.at(point.sp()))) {
        continue;
      }
      Optional<Step> step =
          p.trap.isPresent()
              ? Optional.of(trapStep(point, p, p.trap.get()))
              : callStep(point, layout, p);
      step.ifPresent(steps::add);
      for (Proposal was : witnesses.restored(point, p)) {
        callStep(point, layout, was).ifPresent(steps::add);
      }
    }
    steps.sort((a, b) -> Double.compare(b.bits(), a.bits()));
    return steps;
  }

  /** One of several depths that the frame register leads to as well, and a call returns there. */
  private boolean choiceConfirmed(Proposal p) {
    return has(p, Sign.DEPTH_CHOICE)
        && has(p, Sign.FRAME_REGISTER)
        && stacks.knows(p.slot)
        && judge.word(stacks.wordAt(p.slot)).proven();
  }

  /** A step to a trap frame that nothing but its own content speaks for. */
  Step toTrapFrame(TrapFrame trap) {
    Proposal p = new Proposal(trap.slot());
    p.add(Way.TRAP, trapEvidence(trap));
    p.trap = Optional.of(trap);
    return trapStep(new Point(CpuContext.unknown(stacks.arch()), false), p, trap);
  }

  private Step trapStep(Point point, Proposal p, TrapFrame trap) {
    if (!has(p, Sign.TRAP_FRAME)) {
      p.evidence.add(trapEvidence(trap));
      p.ways.add(Way.TRAP);
    }
    if (threadTrapFrame.isPresent() && threadTrapFrame.getAsLong() == trap.address()) {
      p.evidence.add(Sign.TRAP_FRAME_POINTED.evidence("the thread's trap frame"));
    }
    CpuContext context = x86 ? trap.context() : p.context.orElse(trap.context());
    boolean service = code.isService(point.ip(), point.returned());
    boolean system =
        trap.user()
            || service
            || code.isReturn(trap.context().ip())
            || judge.word(context.ip()).proven();
    // Stubs that call the system from the kernel have no frame and return next.
    return new Step(
        trap.slot(),
        new Point(context, false, service && !trap.user() ? Point.STUB : 0),
        system ? RebuiltFrame.Kind.SYSCALL : RebuiltFrame.Kind.TRAP,
        OptionalLong.of(trap.address()),
        List.copyOf(p.evidence),
        Proposal.sum(p.evidence),
        trust(p),
        p.pinned);
  }

  private Optional<Step> callStep(Point point, Optional<StackState> layout, Proposal p) {
    if (!stacks.knows(p.slot)) {
      return Optional.empty();
    }
    long ip = p.original.orElse(stacks.wordAt(p.slot));
    if (!judge.word(ip).candidate()) {
      return Optional.empty();
    }
    judge.judge(ip, point, p.evidence);
    if (!x86 && (p.slot & 15) != 8) {
      p.evidence.add(Sign.MISALIGNED.evidence());
    }
    CpuContext context =
        p.context.isPresent()
            ? p.context.get().with(Register.RIP, ip)
            : judge.caller(point.context(), layout, p.slot, ip, stacks);
    if (has(p, Sign.AT_RETURN)) {
      context = atReturn(point.context(), context);
    }
    boolean chained = false;
    boolean based = p.ways.contains(Way.LINK) || p.ways.contains(Way.EXCEPTION);
    if (x86 && layout.isEmpty() && based) {
      context = context.with(Register.RBP, stacks.wordAt(p.slot - 4));
      chained = stacks.at(p.slot).filter(s -> searches.linksOn(s, p.slot)).isPresent();
      if (chained) {
        p.evidence.add(Sign.SAVED_LINK.evidence());
      }
    }
    return Optional.of(
        new Step(
            p.slot,
            new Point(context, true, code.parameterBytes(point.ip(), point.returned())),
            RebuiltFrame.Kind.CALL,
            OptionalLong.empty(),
            List.copyOf(p.evidence),
            Proposal.sum(p.evidence),
            trust(p),
            p.pinned
                || has(p, Sign.TARGET)
                || has(p, Sign.TARGET_JUMPS)
                || p.ways.contains(Way.LINK) && (chained || judge.word(ip).proven())));
  }

  /** A function that is about to return has put back all that its caller had. */
  private static CpuContext atReturn(CpuContext inner, CpuContext caller) {
    CpuContext out = caller;
    for (Register register : WordJudge.NONVOLATILE) {
      if (inner.knows(register)) {
        out = out.with(register, inner.get(register));
      }
    }
    return out;
  }

  private static boolean has(Proposal p, Sign sign) {
    return Proposal.has(p.evidence, sign);
  }

  /** How a frame is known that was reached like this. */
  private static Trust trust(Proposal p) {
    boolean target = has(p, Sign.TARGET) || has(p, Sign.TARGET_JUMPS);
    boolean other =
        p.guessed
            || has(p, Sign.TARGET_OTHER)
            || has(p, Sign.DISAGREEMENT)
            || has(p, Sign.SHADOW_OTHER);
    long independent = p.ways.stream().filter(w -> w != Way.SEARCH).count() + (target ? 1 : 0);
    // A chain of links repeats its distances also where it is wrong.
    boolean fact = target || p.ways.stream().anyMatch(w -> w != Way.LINK && w != Way.RECURRENCE);
    if (independent >= 2 && fact && !other) {
      return Trust.EXACT;
    }
    if (other) {
      return Trust.SEARCH;
    }
    if (p.ways.contains(Way.STATIC)) {
      return has(p, Sign.DEPTH_CHOICE) ? Trust.LINK : Trust.UNWIND;
    }
    if (has(p, Sign.FRAME_RECORD)) {
      return Trust.UNWIND;
    }
    if (p.ways.contains(Way.LINK)
        || p.ways.contains(Way.ARGUMENTS)
        || p.ways.contains(Way.RECORD)
        || p.ways.contains(Way.SHADOW)
        || p.ways.contains(Way.EXCEPTION)) {
      return Trust.LINK;
    }
    return p.ways.contains(Way.RECURRENCE) ? Trust.RECURRENCE : Trust.SEARCH;
  }

  /** Where the frame's own return address must lie, whatever lies there now. */
  OptionalLong ownEnd(Point point) {
    if (!point.context().knows(Register.RSP)) {
      return OptionalLong.empty();
    }
    Optional<StackState> layout = code.layout(point.ip(), point.returned());
    if (layout.isPresent() && layout.get().depth() instanceof Depth.Exact exact) {
      return OptionalLong.of(point.sp() + exact.bytes());
    }
    return code.unwind(point.context(), point.returned())
        .filter(u -> !u.leaf())
        .map(u -> OptionalLong.of(u.slot()))
        .orElse(OptionalLong.empty());
  }

  /** Every return address within reach that the inner frame's caller could be. */
  List<Step> search(Point point, int window) {
    return searches.search(point, window);
  }

  /** Where the function that stops the system was called on a stack, found without registers. */
  Optional<Point> stop(Segment segment) {
    return stop.on(segment);
  }

  /** Pointers to other stacks near the stack pointer, where the chain may have changed stacks. */
  List<Step> switches(Point point) {
    Optional<Segment> where =
        point.context().knows(Register.RSP) ? stacks.at(point.sp()) : Optional.empty();
    if (where.isEmpty()) {
      return List.of();
    }
    List<Step> steps = new ArrayList<>();
    Segment segment = where.get();
    int from = segment.index(point.sp() & -width);
    for (int i = from; i >= 0 && i < Math.min(segment.count(), from + SWITCH_WORDS); i++) {
      long word = segment.word(i);
      Optional<Segment> other = segment.knows(i) ? stacks.at(word) : Optional.empty();
      if (other.isEmpty() || other.get() == segment || (word & (width - 1)) != 0) {
        continue;
      }
      Evidence evidence =
          Sign.SWITCH.evidence(
              Long.toHexString(segment.address(i)) + " points to the " + other.get().name());
      Optional<TrapFrame> trap = stacks.traps(other.get()).at(word);
      if (trap.isPresent()) {
        Proposal p = new Proposal(trap.get().slot());
        p.add(Way.TRAP, trapEvidence(trap.get()));
        p.evidence.add(evidence);
        p.trap = trap;
        steps.add(trapStep(point, p, trap.get()));
        continue;
      }
      for (long slot = word; slot - word < SWITCH_FRAME && other.get().contains(slot); ) {
        long ip = other.get().wordAt(slot);
        if (other.get().knows(slot) && judge.word(ip).proven()) {
          steps.add(switched(point, other.get(), slot, ip, evidence));
          break;
        }
        slot += width;
      }
    }
    return steps;
  }

  private Step switched(Point point, Segment other, long slot, long ip, Evidence found) {
    List<Evidence> evidence = new ArrayList<>();
    evidence.add(found);
    judge.judge(ip, point, evidence);
    boolean target =
        Proposal.has(evidence, Sign.TARGET) || Proposal.has(evidence, Sign.TARGET_JUMPS);
    CpuContext context = judge.caller(point.context(), Optional.empty(), slot, ip, stacks);
    return new Step(
        slot,
        new Point(context, true),
        RebuiltFrame.Kind.SWITCH,
        OptionalLong.empty(),
        List.copyOf(evidence),
        Proposal.sum(evidence),
        target ? Trust.EXACT : Trust.SEARCH,
        target);
  }
}
