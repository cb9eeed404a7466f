// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import org.jkd.image.Cancellation;
import org.jspecify.annotations.Nullable;

/** Runs the abstract machine over a function's flow to a fixed point. */
final class StackFlow {
  /** Times that unknown pops are solved and the flow is run again. */
  private static final int MAX_ROUNDS = 24;

  /** Visits per block: the lattice is finite, this only bounds hostile code. */
  private static final int MAX_VISITS = 256;

  private static final int NONVOLATILE_X86 = 1 << Op.BX | 1 << Op.BP | 1 << Op.SI | 1 << Op.DI;

  private final CodeSpace space;
  private final FlowGraph graph;
  private final State entry;
  private final @Nullable State[] in;
  private final int[] visits;
  private final PopSolver solver;
  private final LongIntMap unknowns = new LongIntMap(16);
  private final ArrayDeque<Integer> work = new ArrayDeque<>();
  private boolean @Nullable [] settled;
  private int conflicts;
  private int badReturns;
  private int goodReturns;
  private int openReturns;

  private StackFlow(CodeSpace space, FlowGraph graph, State entry) {
    this.space = space;
    this.graph = graph;
    this.entry = entry;
    this.in = new State[graph.size()];
    this.visits = new int[graph.size()];
    this.solver = new PopSolver(entry.pointer);
  }

  /** Analyses a function whose return address lies where the entry state says. */
  static StackFlow run(CodeSpace space, FlowGraph graph, State entry) {
    StackFlow flow = new StackFlow(space, graph, entry);
    for (int round = 0; round < MAX_ROUNDS; round++) {
      flow.pass();
      if (!flow.solver.solve() && !flow.solver.assume()) {
        break;
      }
    }
    flow.orphans();
    return flow;
  }

  /**
   * Code that nothing was seen to jump to, such as exception handlers. It runs in the frame that
   * the function's calls have in common: the frame register and the slots are there. So is RSP,
   * which x64 functions do not move after their prologue; ESP is not, handlers load it from a slot.
   */
  private void orphans() {
    long[] orphans = graph.orphans();
    if (orphans.length == 0) {
      return;
    }
    State body = body();
    settled = new boolean[in.length];
    for (int i = 0; i < in.length; i++) {
      settled[i] = in[i] != null;
    }
    for (long orphan : orphans) {
      int i = graph.indexOf(orphan);
      if (i >= 0 && in[i] == null) {
        State behindCall = behindCall(orphan);
        reach(orphan, behindCall == null ? body : behindCall);
        drain();
      }
    }
  }

  /** The state behind a call that is thought not to return, null when there is none. */
  private @Nullable State behindCall(long address) {
    for (int length = 2; length <= 8; length++) {
      int i = graph.indexOf(address - length);
      if (i < 0 || !graph.op(i).isCall() || graph.op(i).next() != address) {
        continue;
      }
      State state = before(i);
      if (state != null) {
        long target = space.callTarget(graph.image(), graph.op(i), state);
        int pop = target == 0 ? -1 : space.callee(target, 1).pop();
        int pushed = state.outstanding;
        state.afterCall(0);
        if (state.pointer == 4) {
          state.popped(pop >= 0 ? pop : byHand(graph.op(i), pushed) == 0 ? 0 : pushed);
        }
      }
      return state;
    }
    return null;
  }

  /** True when a frame register holds one place of the frame at every call. */
  boolean hasFrame() {
    return Value.isStack(body().regs[Op.BP]);
  }

  /** What holds at every call of the function. */
  private State body() {
    State common = null;
    for (int i = 0; i < graph.size(); i++) {
      State state = graph.op(i).isCall() ? before(i) : null;
      if (state == null) {
        continue;
      }
      if (common == null) {
        common = state;
      } else {
        common.join(state);
      }
    }
    if (common == null) {
      return State.unknown(entry.pointer);
    }
    for (int r = 0; r < common.regs.length; r++) {
      boolean kept = r == Op.BP || r == Op.SP && entry.pointer == 8;
      if (!kept) {
        common.regs[r] = Value.TOP;
      }
    }
    common.pops = 0;
    common.assumed = 0;
    common.outstanding = 0;
    return common;
  }

  private void pass() {
    solver.clearEquations();
    conflicts = 0;
    badReturns = 0;
    goodReturns = 0;
    openReturns = 0;
    for (int i = 0; i < in.length; i++) {
      in[i] = null;
      visits[i] = 0;
    }
    reach(graph.start(), entry);
    drain();
  }

  private void drain() {
    while (!work.isEmpty()) {
      Cancellation.check();
      block(work.poll());
    }
  }

  /** Flow arrives at an address with a state. */
  private void reach(long address, State state) {
    int i = graph.indexOf(address);
    // What is known without code that is only thought to be there stays as it is.
    if (i < 0 || settled != null && settled[i]) {
      return;
    }
    State known = in[i];
    if (known == null) {
      in[i] = state.copy();
      work.add(i);
      return;
    }
    if (Value.isStack(known.sp()) && Value.isStack(state.sp())) {
      long difference = Value.payload(state.sp()) - Value.payload(known.sp());
      if (known.pops != state.pops) {
        solver.equation(known.pops, state.pops, difference, false);
        // The simpler one goes on; the equation will tell whether they are the same.
        State simpler = Long.bitCount(state.pops) < Long.bitCount(known.pops) ? state : known;
        boolean changed = simpler != known;
        State other = changed ? known : state;
        State merged = simpler.copy();
        State likewise = other.copy();
        likewise.pops = merged.pops;
        likewise.regs[Op.SP] = merged.regs[Op.SP];
        merged.join(likewise);
        in[i] = merged;
        if (changed && visits[i] < MAX_VISITS) {
          work.add(i);
        }
        return;
      }
      if (difference != 0) {
        conflicts++;
      }
    }
    if (known.join(state) && visits[i] < MAX_VISITS) {
      work.add(i);
    }
  }

  private void block(int first) {
    visits[first]++;
    State state = Objects.requireNonNull(in[first]).copy();
    int i = first;
    while (true) {
      Op op = graph.op(i);
      if (!step(op, state)) {
        return;
      }
      int next = graph.indexOf(op.next());
      if (next < 0) {
        return;
      }
      if (graph.isLeader(op.next())) {
        reach(op.next(), state);
        return;
      }
      i = next;
    }
  }

  /** Applies an instruction and sends the state along jumps. False when flow does not go on. */
  private boolean step(Op op, State state) {
    return switch (op.kind) {
      case BRANCH -> {
        state.apply(op);
        jump(op, state);
        yield true;
      }
      case JUMP -> {
        jump(op, state);
        yield false;
      }
      case JUMP_REGISTER, JUMP_MEMORY -> {
        for (long target : graph.switchTargets(op)) {
          reach(target, state);
        }
        yield false;
      }
      case RETURN -> {
        leave(state, false);
        yield false;
      }
      case INTERRUPT_RETURN, STOP -> false;
      case CALL, CALL_MEMORY, CALL_REGISTER -> call(op, state, true);
      case POP -> {
        restore(op, state);
        state.apply(op);
        yield true;
      }
      default -> {
        state.apply(op);
        yield true;
      }
    };
  }

  private void jump(Op op, State state) {
    if (graph.isTail(op)) {
      leave(state, true);
    } else {
      reach(op.target, state);
    }
  }

  /** At a return the stack pointer is at the return address. */
  private void leave(State state, boolean weak) {
    if (!Value.isStack(state.sp())) {
      openReturns++;
      return;
    }
    if (state.pops != 0) {
      solver.equation(state.pops, 0, -Value.payload(state.sp()), weak);
    } else if (Value.payload(state.sp()) == 0) {
      goodReturns++;
    } else if (!weak) {
      badReturns++;
    }
  }

  /** A saved register is popped from where it was saved. */
  private void restore(Op op, State state) {
    if (state.pops == 0 || !Value.isStack(state.sp()) || state.pointer != 4) {
      return;
    }
    if ((NONVOLATILE_X86 & 1 << op.dst) == 0) {
      return;
    }
    long saved = Value.entry(op.dst);
    int at = Integer.MIN_VALUE;
    for (int i = 0; i < state.slotCount(); i++) {
      if (state.slotValue(i) == saved) {
        if (at != Integer.MIN_VALUE) {
          return;
        }
        at = state.slotKey(i);
      }
    }
    if (at != Integer.MIN_VALUE) {
      solver.equation(state.pops, 0, at - Value.payload(state.sp()), false);
    }
  }

  /** A call and its return. False when it does not return. */
  private boolean call(Op op, State state, boolean learn) {
    if (op.isCallOfNext()) {
      state.push(Value.constant(op.next()), state.pointer);
      return true;
    }
    if (graph.isNoReturn(op)) {
      return false;
    }
    long target = space.callTarget(graph.image(), op, state);
    Callee callee = target == 0 ? Callee.UNKNOWN : space.callee(target, 1);
    if (callee.never()) {
      return false;
    }
    if (callee.helper()) {
      if (state.pops != 0) {
        // It will be followed when the unknowns before it are known.
        return false;
      }
      CodeImage image = space.imageAt(target).orElse(graph.image());
      State after = Inliner.run(space, image, state, op, target, 0);
      if (after != null) {
        state.become(after);
        return true;
      }
    }
    int outstanding = state.outstanding;
    state.afterCall(target == 0 ? 0 : callee.preserved());
    if (state.pointer == 8) {
      return true;
    }
    int pop = callee.pop() >= 0 ? callee.pop() : byHand(op, outstanding);
    if (pop >= 0) {
      state.popped(pop);
      return true;
    }
    int unknown = unknownOf(op, learn);
    if (unknown < 0) {
      state.popped(outstanding);
      return true;
    }
    if (learn) {
      solver.notePushed(unknown, outstanding == 0 ? madeUp(op) : outstanding);
    }
    int popped = solver.popped(unknown);
    if (popped == PopSolver.UNSOLVED) {
      state.poppedUnknown(unknown);
    } else {
      state.popped(popped);
      if (solver.isAssumed(unknown)) {
        state.assumed |= 1L << unknown;
      }
    }
    return true;
  }

  /** The caller frees what it pushed right behind the call: cdecl. */
  private int byHand(Op call, int outstanding) {
    int next = graph.indexOf(call.next());
    if (next < 0 || outstanding == 0) {
      return -1;
    }
    Op op = graph.op(next);
    boolean frees =
        op.kind == Op.Kind.ADD
            && op.dst == Op.SP
            && op.hasImm
            && op.imm > 0
            && op.imm <= outstanding;
    return frees ? 0 : -1;
  }

  /**
   * Arguments that were stored rather than pushed: the caller takes back at once what the callee
   * popped, {@code sub esp,n}, to keep its room for arguments.
   */
  private int madeUp(Op call) {
    int next = graph.indexOf(call.next());
    if (next < 0) {
      return 0;
    }
    Op op = graph.op(next);
    boolean takesBack =
        op.kind == Op.Kind.SUB && op.dst == Op.SP && op.hasImm && op.imm <= PopSolver.MAX_POP;
    return takesBack ? (int) Math.max(0, op.imm) : 0;
  }

  private int unknownOf(Op op, boolean learn) {
    int known = unknowns.get(op.address);
    if (known != LongIntMap.ABSENT || !learn) {
      return known;
    }
    int unknown = solver.unknown();
    if (unknown >= 0) {
      unknowns.put(op.address, unknown);
    }
    return unknown;
  }

  /** What a call pops as far as the equations say; -1 when that is not one of them. */
  int solvedPop(Op call) {
    int unknown = unknowns.get(call.address);
    return unknown < 0 ? -1 : solver.popped(unknown);
  }

  /** True when {@link #solvedPop} is only assumed. */
  boolean isAssumed(Op call) {
    int unknown = unknowns.get(call.address);
    return unknown >= 0 && solver.isAssumed(unknown);
  }

  /** The bytes that an assumed call may not have popped after all. */
  int assumedBytes(int unknown) {
    return solver.pushed(unknown);
  }

  /** Places where paths meet with different stack pointers. */
  int conflicts() {
    return conflicts;
  }

  /** Returns at which the stack pointer is not at the return address. */
  int badReturns() {
    return badReturns;
  }

  /** True when the code can be a function of its own: it returns from where it was entered. */
  boolean standsAlone() {
    return goodReturns > 0 && badReturns == 0 && openReturns == 0 && conflicts == 0;
  }

  /** The state before an instruction, null when flow never reaches it. */
  @Nullable State before(int index) {
    // Back to the head of the block, then forward again.
    int[] chain = new int[64];
    int length = 0;
    int at = index;
    while (in[at] == null) {
      int previous = previous(at);
      if (previous < 0) {
        return null;
      }
      if (length == chain.length) {
        chain = Arrays.copyOf(chain, length * 2);
      }
      chain[length++] = at;
      at = previous;
    }
    State state = Objects.requireNonNull(in[at]).copy();
    while (length > 0) {
      if (!replay(graph.op(at), state)) {
        return null;
      }
      at = chain[--length];
    }
    return state;
  }

  /** The instruction from which flow falls through to this one, -1 when it is a leader. */
  private int previous(int index) {
    Op op = graph.op(index);
    if (graph.isLeader(op.address)) {
      return -1;
    }
    for (int i = index - 1; i >= 0 && i >= index - 4; i--) {
      if (graph.op(i).next() == op.address) {
        return i;
      }
    }
    return -1;
  }

  private boolean replay(Op op, State state) {
    if (op.isCall()) {
      return call(op, state, false);
    }
    state.apply(op);
    return !op.endsFlow();
  }
}
