// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Arrays;

/** Where execution can be after a call without another one: what the target jumps to. */
final class TailCalls {
  /** Functions that a chain of tail calls is followed through. */
  private static final int MAX_TAILS = 64;

  /** Instructions of a thunk for indirect calls. */
  private static final int MAX_RETPOLINE = 8;

  private final CodeSpace space;

  TailCalls(CodeSpace space) {
    this.space = space;
  }

  /** Whether the callee of a call site can be the function that starts at an address. */
  CodeSpace.Agreement agreement(CallSite site, long functionStart) {
    if (site.target() == 0) {
      return CodeSpace.Agreement.POSSIBLE;
    }
    if (site.target() == functionStart) {
      return CodeSpace.Agreement.TARGET;
    }
    long[] reachable = new long[MAX_TAILS];
    reachable[0] = site.target();
    int count = 1;
    boolean open = false;
    for (int i = 0; i < count; i++) {
      FunctionCode function = space.functionStartingAt(reachable[i]).orElse(null);
      if (function == null) {
        open = true;
        continue;
      }
      if (i > 0 && reachable[i] == functionStart || function.hasInstruction(functionStart)) {
        return CodeSpace.Agreement.TAIL;
      }
      open |= leavesUnknown(function.graph());
      for (long tail : function.tailTargets()) {
        if (count < MAX_TAILS && !contains(reachable, count, tail)) {
          reachable[count++] = tail;
        }
      }
    }
    return open ? CodeSpace.Agreement.POSSIBLE : CodeSpace.Agreement.CONTRADICTED;
  }

  /**
   * The functions in which execution can be while the return address of a call to {@code target}
   * lies on top: the target itself first, then all that it and they jump to.
   */
  long[] reachableWithoutCall(long target) {
    long[] reachable = new long[MAX_TAILS];
    reachable[0] = target;
    int count = 1;
    for (int i = 0; i < count; i++) {
      FunctionCode function = space.functionStartingAt(reachable[i]).orElse(null);
      if (function == null) {
        continue;
      }
      for (long tail : function.tailTargets()) {
        if (count < MAX_TAILS && !contains(reachable, count, tail)) {
          reachable[count++] = tail;
        }
      }
    }
    return Arrays.copyOf(reachable, count);
  }

  private boolean leavesUnknown(FlowGraph graph) {
    if (graph.incomplete() || graph.truncated() || isRetpoline(graph)) {
      return true;
    }
    for (int i = 0; i < graph.size(); i++) {
      Op op = graph.op(i);
      boolean indirect = op.kind == Op.Kind.JUMP_REGISTER || op.kind == Op.Kind.JUMP_MEMORY;
      if (indirect && graph.switchTargets(op).length == 0 && !graph.isTail(op)
          || Callee.returnsToPushed(graph, i)) {
        return true;
      }
    }
    return false;
  }

  /** A thunk that calls code which replaces the return address, and waits behind that call. */
  private boolean isRetpoline(FlowGraph graph) {
    if (graph.size() > MAX_RETPOLINE) {
      return false;
    }
    boolean replaced = false;
    for (int i = 0; i < graph.size(); i++) {
      Op op = graph.op(i);
      if (op.kind == Op.Kind.RETURN) {
        return false;
      }
      replaced |= op.kind == Op.Kind.CALL && space.callee(op.target, 1).helper();
    }
    return replaced;
  }

  private static boolean contains(long[] values, int count, long value) {
    for (int i = 0; i < count; i++) {
      if (values[i] == value) {
        return true;
      }
    }
    return false;
  }
}
