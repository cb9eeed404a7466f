// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Arrays;
import java.util.List;

/**
 * How far above the stack pointer the slot of the function's return address lies. For a return
 * address r stored at s, the stack pointer that counts is the one after the return: s plus one
 * pointer, the arguments of the call still pushed.
 */
public sealed interface Depth {
  /** Nothing is known. */
  static Depth unknown() {
    return Unknown.INSTANCE;
  }

  /** The slots that are possible for a stack pointer, likeliest first; empty if none or unknown. */
  long[] returnSlots(long stackPointer);

  /** True when there is one answer for any stack pointer. */
  default boolean isExact() {
    return this instanceof Exact;
  }

  /**
   * A known number of bytes.
   *
   * @param bytes from the stack pointer up to the slot; 0 on entry
   */
  record Exact(int bytes) implements Depth {
    @Override
    public long[] returnSlots(long stackPointer) {
      return new long[] {stackPointer + bytes};
    }
  }

  /**
   * The function aligned its stack pointer, so padding of unknown size lies in between.
   *
   * @param bytes from the stack pointer up to where it was right after the alignment
   * @param alignment bytes, a power of two
   * @param above bytes from there, without padding, up to the slot
   * @param pointer bytes of a slot
   */
  record Aligned(int bytes, int alignment, int above, int pointer) implements Depth {
    @Override
    public long[] returnSlots(long stackPointer) {
      long aligned = stackPointer + bytes;
      if ((aligned & alignment - 1) != 0) {
        return new long[0];
      }
      long[] slots = new long[alignment / pointer];
      int count = 0;
      for (int padding = 0; padding < alignment; padding += pointer) {
        long slot = aligned + padding + above;
        // x64 keeps stacks at 16 bytes: return addresses lie at odd multiples of 8.
        if (pointer == 4 || (slot & 15) == 8) {
          slots[count++] = slot;
        }
      }
      return Arrays.copyOf(slots, count);
    }
  }

  /**
   * One of several numbers of bytes, because it is not known what some callee popped.
   *
   * @param likely the first guess
   * @param others the alternatives, at most three
   */
  record Ambiguous(int likely, List<Integer> others) implements Depth {
    @Override
    public long[] returnSlots(long stackPointer) {
      long[] slots = new long[1 + others.size()];
      slots[0] = stackPointer + likely;
      for (int i = 1; i < slots.length; i++) {
        slots[i] = stackPointer + others.get(i - 1);
      }
      return slots;
    }
  }

  /** Nothing is known about the stack pointer; a frame register may still lead to the slot. */
  enum Unknown implements Depth {
    INSTANCE;

    @Override
    public long[] returnSlots(long stackPointer) {
      return new long[0];
    }
  }
}
