// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Register;
import org.jspecify.annotations.Nullable;

/**
 * One function, analysed: its instructions, and the stack before each of them. Addresses are those
 * of the target. Made by {@link CodeSpace#functionAt}, and kept by it.
 */
public final class FunctionCode {
  private static final Register[] REGISTERS = Register.values();

  /** Alternatives that an ambiguous depth lists. */
  private static final int MAX_ALTERNATIVES = 3;

  private final CodeSpace space;
  private final FlowGraph graph;
  private final StackFlow flow;

  FunctionCode(CodeSpace space, FlowGraph graph, StackFlow flow) {
    this.space = space;
    this.graph = graph;
    this.flow = flow;
  }

  /** The address of the first instruction. */
  public long start() {
    return graph.start();
  }

  /** The module that it belongs to. */
  public CodeImage image() {
    return graph.image();
  }

  /** True when one of its instructions starts at the address. */
  public boolean hasInstruction(long address) {
    return graph.indexOf(address) >= 0;
  }

  /** The addresses of its instructions, ascending. */
  public long[] instructions() {
    long[] addresses = new long[graph.size()];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = graph.op(i).address;
    }
    return addresses;
  }

  /** The ranges of addresses that its instructions cover, ascending. */
  public List<CodeImage.Range> ranges() {
    List<CodeImage.Range> ranges = new ArrayList<>();
    long from = 0;
    long to = 0;
    for (int i = 0; i < graph.size(); i++) {
      Op op = graph.op(i);
      if (i == 0 || op.address != to) {
        if (i > 0) {
          ranges.add(new CodeImage.Range(from, to));
        }
        from = op.address;
      }
      to = op.next();
    }
    if (graph.size() > 0) {
      ranges.add(new CodeImage.Range(from, to));
    }
    return ranges;
  }

  /** Its basic blocks, ascending: runs of instructions that are entered at their start only. */
  public List<CodeImage.Range> blocks() {
    List<CodeImage.Range> blocks = new ArrayList<>();
    int i = 0;
    while (i < graph.size()) {
      long from = graph.op(i).address;
      Op op = graph.op(i++);
      while (i < graph.size()
          && graph.op(i).address == op.next()
          && !graph.isLeader(op.next())
          && !op.endsFlow()
          && op.kind != Op.Kind.BRANCH) {
        op = graph.op(i++);
      }
      blocks.add(new CodeImage.Range(from, op.next()));
    }
    return blocks;
  }

  /**
   * Where the stack goes that is in use before an instruction, in the order in which it was taken;
   * empty when that cannot be said.
   */
  public List<StackUse> stackUses(long address) {
    int i = graph.indexOf(address);
    return i < 0 ? List.of() : new StackUses(graph, flow).at(i);
  }

  /** The instruction that covers an address, empty when none does. */
  public OptionalLong instructionAt(long address) {
    for (int back = 0; back < 15; back++) {
      int i = graph.indexOf(address - back);
      if (i >= 0 && graph.op(i).next() > address) {
        return OptionalLong.of(graph.op(i).address);
      }
    }
    return OptionalLong.empty();
  }

  /** The number of its instructions. */
  public int instructionCount() {
    return graph.size();
  }

  /** Jumps out of the function: the functions that continue in its frame's place. */
  public long[] tailTargets() {
    return graph.tailTargets();
  }

  /** True when all paths agree about the stack and every return finds the return address. */
  public boolean isConsistent() {
    return flow.conflicts() == 0 && flow.badReturns() == 0 && !graph.incomplete();
  }

  /** True when some of its flow leads to bytes that are missing or are no instructions. */
  public boolean isIncomplete() {
    return graph.incomplete() || graph.truncated();
  }

  /** Bytes of arguments that it pops when it returns, -1 when not known. */
  public int popped() {
    return space.callee(start(), 0).pop();
  }

  /** True when no path returns. */
  public boolean neverReturns() {
    return space.callee(start(), 0).never();
  }

  /** The stack before an instruction, empty when no instruction of the function starts there. */
  public Optional<StackState> stateAt(long address) {
    int i = graph.indexOf(address);
    if (i < 0) {
      return Optional.empty();
    }
    return Optional.of(describe(address, flow.before(i)));
  }

  FlowGraph graph() {
    return graph;
  }

  StackFlow flow() {
    return flow;
  }

  @Nullable State rawState(long address) {
    int i = graph.indexOf(address);
    return i < 0 ? null : flow.before(i);
  }

  private StackState describe(long address, @Nullable State state) {
    if (state == null) {
      return new StackState(
          address, space.depthByTables(image(), address), List.of(), List.of(), List.of());
    }
    List<StackState.FrameRegister> frames = new ArrayList<>();
    List<Register> unchanged = new ArrayList<>();
    for (int r = 0; r < state.regs.length; r++) {
      long v = state.regs[r];
      if (r == Op.SP) {
        continue;
      }
      if (Value.isStack(v)) {
        frames.add(new StackState.FrameRegister(REGISTERS[r], (int) Value.payload(v)));
      } else if (v == Value.entry(r)) {
        unchanged.add(REGISTERS[r]);
      }
    }
    List<SavedRegister> saved = new ArrayList<>();
    for (int i = 0; i < state.slotCount(); i++) {
      long v = state.slotValue(i);
      int key = state.slotKey(i);
      if (Value.isEntry(v) && key < 0 && isKept((int) Value.payload(v))) {
        saved.add(new SavedRegister(REGISTERS[(int) Value.payload(v)], key));
      }
    }
    Depth depth = depth(state);
    if (graph.image().arch().pointerSize() == 8) {
      Depth byTables = space.depthByTables(image(), address);
      depth = depth.isExact() || byTables.equals(Depth.unknown()) ? depth : byTables;
    }
    return new StackState(address, depth, frames, unchanged, saved);
  }

  /** Registers that belong to the caller; only of these it matters where they were put. */
  private static boolean isKept(int register) {
    boolean low = register == Op.BX || register >= Op.BP && register <= Op.DI;
    return low || register >= 12;
  }

  private Depth depth(State state) {
    long sp = state.sp();
    if (state.pops != 0) {
      return Depth.unknown();
    }
    long offset = Value.payload(sp);
    if (Value.isAligned(sp) && state.alignment > 0) {
      // Aligned down from beforeAlignment: the slot is that much above, plus the padding.
      return new Depth.Aligned(
          (int) -offset, state.alignment, (int) -state.beforeAlignment, state.pointer);
    }
    if (!Value.isStack(sp) || offset > 0) {
      return Depth.unknown();
    }
    if (state.assumed == 0) {
      return new Depth.Exact((int) -offset);
    }
    return ambiguous(state, (int) -offset);
  }

  private Depth ambiguous(State state, int likely) {
    List<Integer> others = new ArrayList<>();
    for (long left = state.assumed;
        left != 0 && others.size() < MAX_ALTERNATIVES;
        left &= left - 1) {
      int more = likely + flow.assumedBytes(Long.numberOfTrailingZeros(left));
      if (more != likely && !others.contains(more)) {
        others.add(more);
      }
    }
    return others.isEmpty()
        ? new Depth.Exact(likely)
        : new Depth.Ambiguous(likely, List.copyOf(others));
  }

  /** The calls of this function, by address. */
  public List<CallSite> callSites() {
    List<CallSite> sites = new ArrayList<>();
    for (int i = 0; i < graph.size(); i++) {
      Op op = graph.op(i);
      if (op.isCall() && !op.isCallOfNext()) {
        sites.add(site(i));
      }
    }
    return sites;
  }

  /** The call of this function that returns to an address. */
  Optional<CallSite> siteReturningTo(long returnAddress) {
    for (int length = 2; length <= 15; length++) {
      int i = graph.indexOf(returnAddress - length);
      if (i >= 0 && graph.op(i).isCall() && graph.op(i).next() == returnAddress) {
        return Optional.of(site(i));
      }
    }
    return Optional.empty();
  }

  private CallSite site(int index) {
    Op op = graph.op(index);
    State state = flow.before(index);
    StackState described = describe(op.address, state);
    long target = space.callTarget(image(), op, state);
    int popped = target == 0 ? -1 : space.callee(target, 1).pop();
    if (popped < 0 && !flow.isAssumed(op)) {
      popped = flow.solvedPop(op);
    }
    long pointer = space.callPointer(op, state);
    return new CallSite(
        op.next(),
        op.address,
        kind(op),
        target,
        pointer,
        pointer == 0 ? Optional.empty() : space.imports().name(pointer),
        Optional.of(this),
        described,
        popped,
        state == null ? List.of() : constants(state));
  }

  static CallSite.Kind kind(Op op) {
    if (op.kind == Op.Kind.CALL) {
      return CallSite.Kind.DIRECT;
    }
    if (op.kind == Op.Kind.CALL_REGISTER) {
      return CallSite.Kind.REGISTER;
    }
    return op.isAbsolute() ? CallSite.Kind.POINTER : CallSite.Kind.MEMORY;
  }

  private static List<CallSite.Constant> constants(State state) {
    List<CallSite.Constant> found = new ArrayList<>();
    int top = state.pops == 0 ? State.key(state.sp()) : Integer.MIN_VALUE;
    if (top == Integer.MIN_VALUE) {
      return found;
    }
    long mask = state.pointer == 4 ? 0xffff_ffffL : -1;
    for (int i = 0; i < state.slotCount(); i++) {
      int at = state.slotKey(i) - top;
      long v = state.slotValue(i);
      if (Value.isConstant(v) && at >= 0 && at < PopSolver.MAX_POP) {
        found.add(new CallSite.Constant(at + state.pointer, Value.payload(v) & mask));
      }
    }
    return found;
  }
}
