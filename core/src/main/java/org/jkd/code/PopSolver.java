// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Arrays;

/**
 * Finds how many bytes unknown callees pop. Every such call of a function is an unknown; where the
 * stack pointer must have one value (at a return, where paths meet, where a saved register is
 * restored) there is an equation. Equations with one unknown are solved; of those with several, the
 * ones that only one choice of "pops nothing" (cdecl) and "pops all that was pushed" (stdcall)
 * fulfils.
 */
final class PopSolver {
  /** Unknowns per function: one bit each. Further calls are taken to pop what was pushed. */
  static final int MAX_UNKNOWNS = 62;

  static final int UNSOLVED = -1;

  /** Arguments of a call never take more bytes. */
  static final int MAX_POP = 256;

  private static final int MAX_EQUATIONS = 4096;

  /** Combinations are tried for equations with up to so many unknowns. */
  private static final int MAX_TRIED = 12;

  private final int pointer;
  private final int[] popped = new int[MAX_UNKNOWNS];
  private final int[] pushed = new int[MAX_UNKNOWNS];
  private int unknowns;
  private long assumed;

  private long[] plus = new long[16];
  private long[] minus = new long[16];
  private long[] sums = new long[16];
  private boolean[] weak = new boolean[16];
  private int equations;

  PopSolver(int pointer) {
    this.pointer = pointer;
  }

  /** A new unknown, or -1 when there are too many. */
  int unknown() {
    if (unknowns == MAX_UNKNOWNS) {
      return UNSOLVED;
    }
    popped[unknowns] = UNSOLVED;
    return unknowns++;
  }

  /** Bytes that the call pops, {@link #UNSOLVED} while that is not known. */
  int popped(int unknown) {
    return popped[unknown];
  }

  /** Bytes that lay pushed for calls when this one was made. */
  int pushed(int unknown) {
    return pushed[unknown];
  }

  void solved(int unknown, int bytes) {
    popped[unknown] = bytes;
  }

  void notePushed(int unknown, int bytes) {
    pushed[unknown] = Math.min(MAX_POP, bytes);
  }

  boolean isAssumed(int unknown) {
    return (assumed & 1L << unknown) != 0;
  }

  void clearEquations() {
    equations = 0;
  }

  /** The pops of {@code left} less those of {@code right} make {@code sum} bytes. */
  void equation(long left, long right, long sum, boolean isWeak) {
    long common = left & right;
    long l = left & ~common;
    long r = right & ~common;
    if (l == 0 && r == 0 || equations == MAX_EQUATIONS) {
      return;
    }
    if (equations == plus.length) {
      plus = Arrays.copyOf(plus, equations * 2);
      minus = Arrays.copyOf(minus, equations * 2);
      sums = Arrays.copyOf(sums, equations * 2);
      weak = Arrays.copyOf(weak, equations * 2);
    }
    plus[equations] = l;
    minus[equations] = r;
    sums[equations] = sum;
    weak[equations++] = isWeak;
  }

  /** Solves what can be solved. True when something was. */
  boolean solve() {
    boolean any = false;
    boolean progress = true;
    while (progress) {
      progress = solveEach(false, true);
      if (!progress) {
        progress = solveEach(false, false);
      }
      any |= progress;
    }
    if (!any) {
      any = solveEach(true, true);
    }
    return any;
  }

  private boolean solveEach(boolean weakOnes, boolean single) {
    boolean any = false;
    for (int e = 0; e < equations; e++) {
      if (weak[e] != weakOnes) {
        continue;
      }
      long sum = sums[e] - known(plus[e]) + known(minus[e]);
      long l = open(plus[e]);
      long r = open(minus[e]);
      int count = Long.bitCount(l) + Long.bitCount(r);
      if (count == 1) {
        any |= assignOne(l != 0 ? l : r, l != 0 ? sum : -sum);
      } else if (count > 1 && !single) {
        any |= assignUnique(l, r, sum);
      }
    }
    return any;
  }

  private boolean assignOne(long bit, long value) {
    if (value < 0 || value > MAX_POP || value % pointer != 0) {
      return false;
    }
    popped[Long.numberOfTrailingZeros(bit)] = (int) value;
    return true;
  }

  /** Every unknown is 0 or what was pushed; solved if exactly one choice fits. */
  private boolean assignUnique(long l, long r, long sum) {
    long all = l | r;
    int n = Long.bitCount(all);
    if (r == 0 && sum == 0) {
      assign(all, 0);
      return true;
    }
    if (r == 0 && n > MAX_TRIED) {
      if (sum == pushedSum(all)) {
        assign(all, all);
        return true;
      }
      return false;
    }
    if (n > MAX_TRIED) {
      return false;
    }
    long fit = 0;
    int fits = 0;
    long choice = all;
    while (true) {
      if (pushedSum(choice & l) - pushedSum(choice & r) == sum && isProper(choice)) {
        fit = choice;
        fits++;
      }
      if (choice == 0) {
        break;
      }
      choice = choice - 1 & all;
    }
    if (fits != 1) {
      return false;
    }
    assign(all, fit);
    return true;
  }

  /** Choosing "all that was pushed" for a call for which nothing was pushed is no choice. */
  private boolean isProper(long choice) {
    for (long left = choice; left != 0; left &= left - 1) {
      if (pushed[Long.numberOfTrailingZeros(left)] == 0) {
        return false;
      }
    }
    return true;
  }

  private void assign(long all, long poppers) {
    for (long left = all; left != 0; left &= left - 1) {
      int i = Long.numberOfTrailingZeros(left);
      popped[i] = (poppers & 1L << i) != 0 ? pushed[i] : 0;
    }
  }

  private long pushedSum(long mask) {
    long sum = 0;
    for (long left = mask; left != 0; left &= left - 1) {
      sum += pushed[Long.numberOfTrailingZeros(left)];
    }
    return sum;
  }

  private long known(long mask) {
    long sum = 0;
    for (long left = mask; left != 0; left &= left - 1) {
      int i = Long.numberOfTrailingZeros(left);
      sum += popped[i] == UNSOLVED ? 0 : popped[i];
    }
    return sum;
  }

  private long open(long mask) {
    long result = 0;
    for (long left = mask; left != 0; left &= left - 1) {
      int i = Long.numberOfTrailingZeros(left);
      if (popped[i] == UNSOLVED) {
        result |= 1L << i;
      }
    }
    return result;
  }

  /** Of several choices that fulfil an equation, takes the one with the most stdcall. */
  private boolean assumeWhatFits() {
    for (int e = 0; e < equations; e++) {
      long sum = sums[e] - known(plus[e]) + known(minus[e]);
      long l = open(plus[e]);
      long all = l | open(minus[e]);
      if (all == 0 || Long.bitCount(all) > MAX_TRIED) {
        continue;
      }
      long best = -1;
      long choice = all;
      while (true) {
        boolean fits = pushedSum(choice & l) - pushedSum(choice & ~l) == sum && isProper(choice);
        if (fits && (best < 0 || Long.bitCount(choice) > Long.bitCount(best))) {
          best = choice;
        }
        if (choice == 0) {
          break;
        }
        choice = choice - 1 & all;
      }
      if (best >= 0) {
        assign(all, best);
        assumed |= all;
        return true;
      }
    }
    return false;
  }

  /**
   * Takes what is left for stdcall: the callee pops all that was pushed. Calls for which nothing
   * was pushed come first, and alone, since that is hardly a guess. True when something was open.
   */
  boolean assume() {
    boolean any = false;
    for (int i = 0; i < unknowns; i++) {
      if (popped[i] == UNSOLVED && pushed[i] == 0) {
        popped[i] = 0;
        any = true;
      }
    }
    if (any) {
      return true;
    }
    if (assumeWhatFits()) {
      return true;
    }
    for (int i = 0; i < unknowns; i++) {
      if (popped[i] == UNSOLVED) {
        popped[i] = pushed[i];
        assumed |= 1L << i;
        any = true;
      }
    }
    return any;
  }
}
