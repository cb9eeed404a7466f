// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import org.jspecify.annotations.Nullable;

/**
 * Steps through a helper that changes the frame of its caller: prologue and epilogue helpers of
 * exception handling, stack probes. Nothing is known about any of them by name; their code says
 * what they do when it is run on the abstract state of the caller.
 */
final class Inliner {
  /** Instructions per call of a helper, all paths together. */
  static final int MAX_STEPS = 4096;

  /** Branches of which both ways are followed. */
  static final int MAX_FORKS = 16;

  /** Helpers that call helpers. */
  static final int MAX_DEPTH = 3;

  private final CodeSpace space;
  private final CodeImage image;
  private final long returnAddress;
  private final int nesting;
  private int steps;
  private int forks;
  private @Nullable State result;
  private boolean failed;

  private Inliner(CodeSpace space, CodeImage image, long returnAddress, int nesting) {
    this.space = space;
    this.image = image;
    this.returnAddress = returnAddress;
    this.nesting = nesting;
  }

  /**
   * The state behind a call, or null when the helper cannot be followed to its return.
   *
   * @param before the state at the call
   */
  static @Nullable State run(
      CodeSpace space, CodeImage image, State before, Op call, long target, int nesting) {
    if (nesting > MAX_DEPTH || before.pops != 0) {
      return null;
    }
    Inliner inliner = new Inliner(space, image, call.next(), nesting);
    State state = before.copy();
    state.push(Value.constant(call.next()), state.pointer);
    inliner.path(state, target);
    return inliner.failed ? null : inliner.result;
  }

  /** Open ways of branches: states and addresses, a stack of our own instead of recursion. */
  private void path(State first, long start) {
    State[] states = new State[MAX_FORKS + 1];
    long[] addresses = new long[MAX_FORKS + 1];
    LongIntMap forkedAt = new LongIntMap(8);
    int open = 1;
    states[0] = first;
    addresses[0] = start;
    while (open > 0 && !failed) {
      open--;
      State state = states[open];
      long at = addresses[open];
      while (at != 0 && !failed) {
        if (++steps > MAX_STEPS) {
          failed = true;
          return;
        }
        Op op = image.isExecutable(at) ? space.op(image, at) : null;
        if (op == null) {
          failed = true;
          return;
        }
        if (op.kind == Op.Kind.BRANCH) {
          int taken = decide(op, state);
          if (taken >= 0) {
            at = taken == 1 ? op.target : op.next();
            continue;
          }
          if (forkedAt.has(at)) {
            // The second time around a loop whose end is not known leads nowhere new.
            break;
          }
          forkedAt.put(at, 1);
          if (++forks > MAX_FORKS) {
            failed = true;
            return;
          }
          states[open] = state.copy();
          addresses[open++] = op.target;
          at = op.next();
          continue;
        }
        at = step(op, state);
      }
    }
  }

  /** The next address, 0 when the path ends here. */
  private long step(Op op, State state) {
    return switch (op.kind) {
      case RETURN -> {
        long top = state.pop(state.pointer);
        boolean here = Value.isConstant(top) && Value.payload(top) == returnAddress;
        if (!here && top != Value.TOP || State.key(state.sp()) == Integer.MIN_VALUE) {
          yield fail();
        }
        state.popped((int) op.imm);
        yield finish(state);
      }
      case JUMP_REGISTER -> {
        long to = state.regs[op.src];
        yield Value.isConstant(to) && Value.payload(to) == returnAddress ? finish(state) : fail();
      }
      case JUMP -> op.target;
      case CALL -> call(op, state);
      case CALL_MEMORY, CALL_REGISTER, JUMP_MEMORY, INTERRUPT_RETURN -> fail();
      case STOP, BREAK -> 0;
      default -> {
        state.apply(op);
        yield op.next();
      }
    };
  }

  private long call(Op op, State state) {
    if (op.isCallOfNext()) {
      state.push(Value.constant(op.next()), state.pointer);
      return op.next();
    }
    Callee callee = space.callee(op.target, MAX_DEPTH);
    if (callee.never()) {
      return 0;
    }
    if (callee.helper()) {
      State after = run(space, image, state, op, op.target, nesting + 1);
      if (after == null) {
        return fail();
      }
      state.become(after);
      return op.next();
    }
    if (callee.pop() < 0) {
      return fail();
    }
    state.afterCall(callee.preserved());
    state.popped(callee.pop());
    return op.next();
  }

  private long fail() {
    failed = true;
    return 0;
  }

  private long finish(State state) {
    if (result == null) {
      result = state;
    } else {
      result.join(state);
    }
    return 0;
  }

  /** 1 taken, 0 not taken, -1 not known. */
  private static int decide(Op branch, State state) {
    long l = state.compareLeft;
    long r = state.compareRight;
    int condition = branch.condition;
    if (Value.isConstant(l) && Value.isConstant(r)) {
      long mask = state.pointer == 4 ? 0xffff_ffffL : -1;
      long a = Value.payload(l) & mask;
      long b = Value.payload(r) & mask;
      int unsigned = Long.compareUnsigned(a, b);
      int signed = state.pointer == 4 ? Integer.compare((int) a, (int) b) : Long.compare(a, b);
      boolean even =
          switch (condition & ~1) {
            case 2 -> unsigned < 0;
            case 4 -> a == b;
            case 6 -> unsigned <= 0;
            case 12 -> signed < 0;
            case 14 -> signed <= 0;
            default -> false;
          };
      boolean decidable = condition >= 2 && condition <= 7 || condition >= 12;
      return decidable ? (even == ((condition & 1) == 0) ? 1 : 0) : -1;
    }
    if (state.carry >= 0 && (condition & ~1) == 2) {
      return (state.carry == 1) == (condition == 2) ? 1 : 0;
    }
    return -1;
  }
}
