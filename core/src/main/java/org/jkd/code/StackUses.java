// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Works out where the bytes of a frame go: along one way from the entry to an instruction. */
final class StackUses {
  private static final int NO_PREDECESSOR = -1;

  private final FlowGraph graph;
  private final StackFlow flow;

  StackUses(FlowGraph graph, StackFlow flow) {
    this.graph = graph;
    this.flow = flow;
  }

  /** The uses in the order in which they were made; empty when flow does not lead there. */
  List<StackUse> at(int index) {
    List<Integer> path = path(index);
    List<StackUse> uses = new ArrayList<>();
    int floor = bodyDepth();
    for (int i = 0; i + 1 < path.size(); i++) {
      State before = flow.before(path.get(i));
      State after = flow.before(path.get(i + 1));
      if (before == null || after == null) {
        return List.of();
      }
      step(graph.op(path.get(i)), before, after, floor, uses);
    }
    return uses;
  }

  private static void step(Op op, State before, State after, int floor, List<StackUse> uses) {
    if (Value.isStack(before.sp()) && Value.isAligned(after.sp())) {
      uses.add(new StackUse(op.address, after.alignment - after.pointer, StackUse.Kind.ALIGNMENT));
      return;
    }
    if (Value.isAligned(before.sp()) && Value.isStack(after.sp())) {
      free(uses, sum(uses) + Value.payload(after.sp()));
      return;
    }
    boolean comparable =
        Value.isStack(before.sp()) && Value.isStack(after.sp())
            || Value.isAligned(before.sp()) && Value.isAligned(after.sp());
    if (!comparable) {
      return;
    }
    long grown = Value.payload(before.sp()) - Value.payload(after.sp());
    if (grown > 0) {
      uses.add(new StackUse(op.address, (int) grown, kind(op, before, after, floor)));
    } else if (grown < 0) {
      free(uses, -grown);
    }
  }

  private static long sum(List<StackUse> uses) {
    long sum = 0;
    for (StackUse use : uses) {
      sum += use.bytes();
    }
    return sum;
  }

  private static void free(List<StackUse> uses, long bytes) {
    long left = bytes;
    while (left > 0 && !uses.isEmpty()) {
      StackUse last = uses.removeLast();
      if (last.bytes() > left) {
        uses.add(new StackUse(last.instruction(), (int) (last.bytes() - left), last.kind()));
      }
      left -= last.bytes();
    }
  }

  private static StackUse.Kind kind(Op op, State before, State after, int floor) {
    if (op.kind == Op.Kind.CALL) {
      return StackUse.Kind.HELPER;
    }
    boolean saves =
        op.kind == Op.Kind.PUSH
            && op.src != Op.NONE
            && before.regs[op.src] == Value.entry(op.src)
            && (op.src == Op.BX || op.src >= Op.BP);
    if (saves) {
      return StackUse.Kind.SAVED_REGISTER;
    }
    boolean pushes =
        op.kind == Op.Kind.PUSH
            || op.kind == Op.Kind.PUSH_IMM
            || op.kind == Op.Kind.PUSH_MEMORY
            || op.kind == Op.Kind.PUSH_OTHER;
    boolean belowBody = Value.isStack(after.sp()) && -Value.payload(after.sp()) > floor;
    return pushes && (belowBody || Value.isAligned(after.sp()))
        ? StackUse.Kind.ARGUMENTS
        : StackUse.Kind.LOCALS;
  }

  /** The depth at which the body runs: the least at any call, arguments excluded. */
  private int bodyDepth() {
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < graph.size(); i++) {
      State state = graph.op(i).isCall() ? flow.before(i) : null;
      if (state != null && state.spKnown()) {
        long depth = -Value.payload(state.sp()) - state.outstanding;
        least = (int) Math.min(least, Math.max(0, depth));
      }
    }
    return least;
  }

  /** A shortest way from the entry, both ends included; the entry alone when there is none. */
  private List<Integer> path(int target) {
    int[] from = new int[graph.size()];
    Arrays.fill(from, NO_PREDECESSOR - 1);
    ArrayDeque<Integer> queue = new ArrayDeque<>();
    int entry = graph.indexOf(graph.start());
    if (entry < 0) {
      return List.of();
    }
    from[entry] = NO_PREDECESSOR;
    queue.add(entry);
    while (!queue.isEmpty()) {
      int i = queue.poll();
      if (i == target) {
        break;
      }
      Op op = graph.op(i);
      if (!op.endsFlow() && !(op.isCall() && graph.isNoReturn(op))) {
        visit(op.next(), i, from, queue);
      }
      if ((op.kind == Op.Kind.BRANCH || op.kind == Op.Kind.JUMP) && !graph.isTail(op)) {
        visit(op.target, i, from, queue);
      }
      for (long next : graph.switchTargets(op)) {
        visit(next, i, from, queue);
      }
    }
    List<Integer> path = new ArrayList<>();
    if (from[target] < NO_PREDECESSOR) {
      return path;
    }
    for (int i = target; i != NO_PREDECESSOR; i = from[i]) {
      path.add(i);
    }
    Collections.reverse(path);
    return path;
  }

  private void visit(long address, int predecessor, int[] from, ArrayDeque<Integer> queue) {
    int i = graph.indexOf(address);
    if (i >= 0 && from[i] < NO_PREDECESSOR) {
      from[i] = predecessor;
      queue.add(i);
    }
  }
}
