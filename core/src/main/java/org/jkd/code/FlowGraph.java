// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jkd.image.Cancellation;
import org.jspecify.annotations.Nullable;

/**
 * The instructions of one function, found by following control flow from its start, in ascending
 * order of address.
 */
final class FlowGraph {
  /** Instructions per function; larger ones are cut. NT's largest have some 10,000. */
  static final int MAX_OPS = 20_000;

  /** Entries of a switch table. */
  static final int MAX_SWITCH = 1024;

  /** Calls of functions that do not return are looked for this deep. */
  static final int MAX_NO_RETURN_DEPTH = 3;

  private static final long NEAR = 1 << 20;

  private final CodeSpace space;
  private final CodeImage image;
  private final long start;
  private final long nextStart;
  private final List<Op> found = new ArrayList<>();
  private final LongIntMap byAddress = new LongIntMap(64);
  private long[] pending = new long[16];
  private int pendingCount;
  private final LongIntMap leaders = new LongIntMap(16);
  private final LongIntMap absorbed;

  /** Jumps out of the function: the instruction's address to the position in tails. */
  private final LongIntMap tailOf = new LongIntMap(8);

  private long[] tails = new long[4];
  private int tailCount;

  /** Switch jumps: position of their targets in switchTargets. */
  private final LongIntMap switchOf = new LongIntMap(8);

  private final List<long[]> switchTargets = new ArrayList<>();
  private final LongIntMap noReturn = new LongIntMap(8);
  private long[] orphans = new long[0];
  private long[] deadEnds = new long[4];
  private int deadEndCount;
  private boolean truncated;
  private boolean incomplete;
  private final int depth;

  private Op[] ops = new Op[0];

  private FlowGraph(CodeSpace space, CodeImage image, long start, LongIntMap absorbed, int depth) {
    this.space = space;
    this.image = image;
    this.start = start;
    this.nextStart = image.functions().nextCertain(start);
    this.absorbed = absorbed;
    this.depth = depth;
  }

  /**
   * Follows the flow of a function.
   *
   * @param absorbed starts of other functions that belong to this one after all
   * @param depth how many callers deep this graph is asked for, to end searches for noreturn
   */
  static FlowGraph build(
      CodeSpace space, CodeImage image, long start, LongIntMap absorbed, int depth) {
    FlowGraph graph = new FlowGraph(space, image, start, absorbed, depth);
    graph.addRoot(start);
    graph.follow();
    return graph;
  }

  private void addRoot(long address) {
    if (pendingCount == pending.length) {
      pending = Arrays.copyOf(pending, pendingCount * 2);
    }
    pending[pendingCount++] = address;
    leaders.put(address, 0);
  }

  /** Follows flow from one more address, which nothing was seen to jump to. */
  void addOrphan(long address) {
    orphans = Arrays.copyOf(orphans, orphans.length + 1);
    orphans[orphans.length - 1] = address;
    addRoot(address);
    follow();
  }

  /** The addresses given to {@link #addOrphan}. */
  long[] orphans() {
    return orphans.clone();
  }

  private void follow() {
    followPending();
    followDeadEnds();
    ops = found.toArray(new Op[0]);
    Arrays.sort(ops, Comparator.comparingLong(o -> o.address));
    for (int i = 0; i < ops.length; i++) {
      byAddress.put(ops[i].address, i);
    }
    // Later additions go on from here.
    found.clear();
    found.addAll(Arrays.asList(ops));
  }

  private void followPending() {
    while (pendingCount > 0) {
      Cancellation.check();
      long at = pending[--pendingCount];
      while (!byAddress.has(at)) {
        if (found.size() >= MAX_OPS) {
          truncated = true;
          break;
        }
        Op op = image.isExecutable(at) ? space.op(image, at) : null;
        if (op == null) {
          incomplete = true;
          break;
        }
        byAddress.put(at, found.size());
        found.add(op);
        if (!step(op)) {
          break;
        }
        at = op.next();
      }
    }
  }

  /**
   * Code behind calls that do not return, unless it is padding or another function: the compiler
   * did not know that they do not, or it is wrong that they do not.
   */
  private void followDeadEnds() {
    for (int i = 0; i < deadEndCount; i++) {
      long at = deadEnds[i];
      boolean other =
          image.functions().sourcesAt(at) != 0 || image.mayStartBehindCall(at) || isNothing(at);
      if (!byAddress.has(at) && !other) {
        addRoot(at);
        orphans = Arrays.copyOf(orphans, orphans.length + 1);
        orphans[orphans.length - 1] = at;
        followPending();
      }
    }
    deadEndCount = 0;
  }

  /**
   * True for an instruction without effect, which aligns what follows; jumps lead there, if any.
   */
  private boolean isNothing(long at) {
    Op op = space.op(image, at);
    if (op == null) {
      return false;
    }
    int first = image.u8(at);
    boolean wide = first == 0x66 && image.u8(at + 1) == 0x90;
    boolean longer = first == 0x0f && image.u8(at + 1) == 0x1f;
    boolean same =
        op.kind == Op.Kind.LEA && op.dst == op.base && op.index == Op.NONE && op.disp == 0;
    return first == 0x90 || wide || longer || same;
  }

  /** True when flow goes on to the next instruction. */
  private boolean step(Op op) {
    return switch (op.kind) {
      case CALL -> op.isCallOfNext() || !markNoReturn(op, space.noReturn(op.target, depth));
      case CALL_MEMORY -> !markNoReturn(op, op.isAbsolute() && importNeverReturns(op.disp));
      case CALL_REGISTER -> !markNoReturn(op, false);
      case BRANCH -> {
        jump(op);
        yield true;
      }
      case JUMP -> {
        jump(op);
        yield false;
      }
      case JUMP_MEMORY, JUMP_REGISTER -> {
        jumpThrough(op);
        yield false;
      }
      case BREAK -> {
        int next = image.u8(op.next());
        yield op.imm == 3 && next != 0xcc && next >= 0;
      }
      case RETURN, INTERRUPT_RETURN, STOP -> false;
      default -> true;
    };
  }

  private void jump(Op op) {
    if (leaves(op.target)) {
      addTail(op, op.target);
    } else {
      addRoot(op.target);
    }
  }

  private void jumpThrough(Op op) {
    long[] targets = SwitchTable.targets(this, image, op);
    if (targets.length > 0) {
      switchOf.put(op.address, switchTargets.size());
      switchTargets.add(targets);
      for (long target : targets) {
        addRoot(target);
      }
    } else if (op.isAbsolute()) {
      long target = space.imports().target(image, op.disp);
      if (target != 0) {
        addTail(op, target);
      }
    }
  }

  /** By its name, or because the code that the import leads to has no way back. */
  private boolean importNeverReturns(long pointer) {
    if (space.imports().neverReturns(image, pointer)) {
      return true;
    }
    long target = space.imports().target(image, pointer);
    return target != 0 && space.noReturn(target, depth);
  }

  private boolean markNoReturn(Op op, boolean known) {
    long next = op.next();
    // Compilers put int 3 behind a call that never returns, or end the function with it.
    boolean ends =
        known
            || image.u8(next) == 0xcc
            || (image.functions().sourcesAt(next) & FunctionMap.CERTAIN) != 0
            || !image.isExecutable(next);
    if (ends) {
      noReturn.put(op.address, 1);
      if (image.u8(next) != 0xcc && image.isExecutable(next)) {
        if (deadEndCount == deadEnds.length) {
          deadEnds = Arrays.copyOf(deadEnds, deadEndCount * 2);
        }
        deadEnds[deadEndCount++] = next;
      }
    }
    return ends;
  }

  /** True when a jump to the target leaves the function. */
  private boolean leaves(long target) {
    if (target == start || absorbed.has(target)) {
      return false;
    }
    if (!image.isExecutable(target)) {
      return true;
    }
    int sources = image.functions().sourcesAt(target);
    if ((sources & FunctionMap.STRONG) != 0) {
      return true;
    }
    boolean inside = target > start && target < nextStart;
    return !inside && sources != 0;
  }

  private void addTail(Op op, long target) {
    if (tailCount == tails.length) {
      tails = Arrays.copyOf(tails, tailCount * 2);
    }
    tailOf.put(op.address, tailCount);
    tails[tailCount++] = target;
  }

  long start() {
    return start;
  }

  CodeImage image() {
    return image;
  }

  int size() {
    return ops.length;
  }

  Op op(int index) {
    return ops[index];
  }

  /** The position of the instruction that starts at an address, -1 when none does. */
  int indexOf(long address) {
    return byAddress.get(address);
  }

  /** While flow is followed: the instruction at an address, if it was seen already. */
  @Nullable Op seen(long address) {
    int i = byAddress.get(address);
    return i == LongIntMap.ABSENT ? null : found.get(i);
  }

  /** While flow is followed: the instructions seen so far. */
  List<Op> seenOps() {
    return found;
  }

  boolean isLeader(long address) {
    return leaders.has(address);
  }

  boolean isNoReturn(Op call) {
    return noReturn.has(call.address);
  }

  /** Where a jump leaves the function to, 0 when it does not or nobody knows. */
  long tailTarget(Op jump) {
    int at = tailOf.get(jump.address);
    return at == LongIntMap.ABSENT ? 0 : tails[at];
  }

  boolean isTail(Op jump) {
    return tailOf.has(jump.address);
  }

  /** The targets of all jumps that leave the function. */
  long[] tailTargets() {
    return Arrays.copyOf(tails, tailCount);
  }

  long[] switchTargets(Op jump) {
    int at = switchOf.get(jump.address);
    return at == LongIntMap.ABSENT ? new long[0] : switchTargets.get(at);
  }

  /** The end of the last instruction before an address; 0 when there is none. */
  long endBefore(long address) {
    long end = 0;
    for (Op op : ops) {
      if (op.address >= address) {
        break;
      }
      end = op.next();
    }
    return end;
  }

  /** The end of the instructions that follow each other from an address on without a gap. */
  long endOfRun(long from) {
    long at = from;
    for (int i = indexOf(from); i >= 0; i = indexOf(at)) {
      at = ops[i].next();
    }
    return at;
  }

  /** True when some of the flow led to bytes that cannot be read or are no instruction. */
  boolean incomplete() {
    return incomplete;
  }

  /** True when the function has more instructions than {@link #MAX_OPS}. */
  boolean truncated() {
    return truncated;
  }

  /** True for targets that a switch of this function may have. */
  boolean plausibleCase(long target) {
    if (!image.isExecutable(target) || Math.abs(target - start) > NEAR) {
      return false;
    }
    int sources = image.functions().sourcesAt(target);
    boolean inside = target > start && target < nextStart;
    return inside || (sources & FunctionMap.CERTAIN) == 0;
  }
}
