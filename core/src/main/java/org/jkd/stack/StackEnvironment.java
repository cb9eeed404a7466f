// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;

/** What a walk wants to know about the machine beyond memory and code. */
public interface StackEnvironment {
  /** Nothing is known: a user-mode process. */
  StackEnvironment NONE =
      new StackEnvironment() {
        @Override
        public Optional<CpuContext> task(int selector) {
          return Optional.empty();
        }

        @Override
        public Optional<Range> stackAt(long address) {
          return Optional.empty();
        }

        @Override
        public OptionalLong callbackStack() {
          return OptionalLong.empty();
        }
      };

  /** The registers in the task state segment of a selector (0x28, 0x50, 0x58), x86 only. */
  Optional<CpuContext> task(int selector);

  /** The stack to which an address belongs, if it is known. */
  Optional<Range> stackAt(long address);

  /** KTHREAD.CallbackStack: the innermost KCALLOUT_FRAME of the thread that is walked. */
  OptionalLong callbackStack();

  /** The start of {@code KiCallUserMode}, which made the frames of {@link #callbackStack()}. */
  default OptionalLong callUserMode() {
    return OptionalLong.empty();
  }

  /**
   * Where a stack lies.
   *
   * @param limit its lowest address
   * @param base the address after its last byte
   */
  record Range(long limit, long base) {
    /** True when an address lies inside. */
    public boolean contains(long address) {
      return Long.compareUnsigned(address - limit, base - limit) < 0;
    }
  }
}
