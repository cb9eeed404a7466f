// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import org.jkd.cpu.Arch;

/**
 * What a caller has to know about a function.
 *
 * @param pop bytes of arguments that it pops, -1 when not known
 * @param never it never returns
 * @param helper it changes its caller's frame, so a call has to be followed step by step
 * @param preserved volatile registers that it leaves alone, one bit each
 */
record Callee(int pop, boolean never, boolean helper, int preserved) {
  static final Callee UNKNOWN = new Callee(-1, false, false, 0);

  private static final int MAX_HELPER = 96;

  /** Registers that calls may change: all that are volatile in any convention. */
  private static final int ALL = 0xffff;

  /** Reads it off the flow of the function. */
  static Callee of(FlowGraph graph, CodeSpace space, int depth) {
    if (graph.size() == 1 && graph.tailTargets().length == 1) {
      // A thunk: import stub, or the jump that incremental linking puts before a function.
      return space.callee(graph.tailTargets()[0], depth + 1);
    }
    int pop = -1;
    boolean returns = false;
    boolean disagree = false;
    boolean open = graph.incomplete() || graph.truncated();
    int written = 0;
    for (int i = 0; i < graph.size(); i++) {
      Op op = graph.op(i);
      if (op.kind == Op.Kind.RETURN) {
        returns = true;
        disagree |= pop >= 0 && pop != op.imm;
        pop = (int) op.imm;
      } else if (op.kind == Op.Kind.INTERRUPT_RETURN) {
        returns = true;
      } else if (op.kind == Op.Kind.JUMP_REGISTER || op.kind == Op.Kind.JUMP_MEMORY) {
        open |= graph.switchTargets(op).length == 0;
      }
      written |= op.isCall() ? ALL : writes(op);
    }
    long[] tails = graph.tailTargets();
    boolean tailReturns = false;
    for (long tail : tails) {
      Callee callee = space.callee(tail, depth + 1);
      tailReturns |= !callee.never();
      if (pop < 0 && callee.pop() >= 0) {
        pop = callee.pop();
      }
      written = ALL;
    }
    if (tails.length == 0 && !open) {
      written &= ~savedByPushes(graph);
    }
    boolean never = !returns && !tailReturns && !open && graph.size() > 0;
    boolean helper = graph.size() <= MAX_HELPER && looksLikeHelper(graph);
    return new Callee(disagree ? -1 : pop, never, helper, ~written);
  }

  /** The registers that a function pushes first of all and pops last before every return. */
  private static int savedByPushes(FlowGraph graph) {
    int first = graph.indexOf(graph.start());
    int pushes = 0;
    while (first + pushes < graph.size()
        && graph.op(first + pushes).kind == Op.Kind.PUSH
        && graph.op(first + pushes).src != Op.SP) {
      pushes++;
    }
    int mask = 0;
    for (int i = 0; i < graph.size(); i++) {
      if (graph.op(i).kind != Op.Kind.RETURN) {
        continue;
      }
      int popped = 0;
      while (popped < pushes
          && i - 1 - popped >= 0
          && graph.op(i - 1 - popped).kind == Op.Kind.POP
          && graph.op(i - 1 - popped).dst == graph.op(first + popped).src) {
        popped++;
      }
      if (popped < pushes) {
        return 0;
      }
    }
    for (int i = 0; i < pushes; i++) {
      mask |= 1 << graph.op(first + i).src;
    }
    return mask;
  }

  private static int writes(Op op) {
    int mask = op.clobbers;
    if (op.dst != Op.NONE && op.kind != Op.Kind.COMPARE) {
      mask |= 1 << op.dst;
    }
    return op.kind == Op.Kind.EXCHANGE ? mask | 1 << op.src : mask;
  }

  /**
   * True for code that no compiler makes of a function: it puts a return address on the stack
   * before it returns, takes its own off, or computes a new stack pointer.
   */
  private static boolean looksLikeHelper(FlowGraph graph) {
    for (int i = 0; i < graph.size(); i++) {
      Op op = graph.op(i);
      if (returnsToPushed(graph, i)) {
        return true;
      }
      if (op.kind == Op.Kind.EXCHANGE && (op.dst == Op.SP || op.src == Op.SP)) {
        return true;
      }
      if (op.kind == Op.Kind.POP && op.address == graph.start()) {
        return true;
      }
      boolean makesFrame =
          op.dst == Op.BP
              && (op.kind == Op.Kind.LEA && op.base == Op.SP
                  || op.kind == Op.Kind.MOVE && op.src != Op.SP);
      boolean makesRoom =
          op.kind == Op.Kind.SUB && op.dst == Op.SP && (op.src != Op.NONE || op.hasMemory);
      if (makesFrame || makesRoom) {
        return graph.image().arch() == Arch.X86;
      }
    }
    return false;
  }

  /**
   * True for a return to an address that the instruction before it put on the stack: a jump in
   * disguise, as in the thunks against speculative execution (retpolines).
   */
  static boolean returnsToPushed(FlowGraph graph, int index) {
    if (index == 0 || graph.op(index).kind != Op.Kind.RETURN) {
      return false;
    }
    Op before = graph.op(index - 1);
    boolean pushes =
        before.kind == Op.Kind.PUSH
            || before.kind == Op.Kind.PUSH_MEMORY
            || before.kind == Op.Kind.STORE
                && before.base == Op.SP
                && before.index == Op.NONE
                && before.disp == 0;
    return pushes && before.next() == graph.op(index).address;
  }
}
