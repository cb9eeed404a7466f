// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A thread as its KTHREAD and ETHREAD describe it. Fields are empty when the dump does not hold
 * them or when nothing tells where they lie; stack bounds also when they cannot be right.
 *
 * @param process the process that owns the thread
 * @param attachedProcess the process whose address space the thread uses
 * @param initialStack where the kernel's use of the stack starts: the base, less the area for
 *     floating-point state
 * @param stackBase the address after the last byte of the kernel stack
 * @param stackLimit the lowest address of the kernel stack
 * @param kernelStack the stack pointer at the last switch away from the thread
 * @param trapFrame the innermost trap frame that the kernel noted
 * @param state 0 initialized, 1 ready, 2 running, 3 standby, 4 terminated, 5 waiting, 6 transition
 */
public record KernelThread(
    long address,
    OptionalLong process,
    OptionalLong attachedProcess,
    OptionalLong processId,
    OptionalLong threadId,
    OptionalLong teb,
    OptionalLong initialStack,
    OptionalLong stackBase,
    OptionalLong stackLimit,
    OptionalLong kernelStack,
    OptionalLong trapFrame,
    OptionalLong callbackStack,
    OptionalInt state,
    OptionalInt waitReason,
    OptionalLong startAddress) {
  /** The state of a thread that runs on a processor. */
  public static final int RUNNING = 2;

  /** True when an address lies in the kernel stack. */
  public boolean onStack(long address) {
    return stackBase.isPresent()
        && stackLimit.isPresent()
        && Long.compareUnsigned(address, stackLimit.getAsLong()) >= 0
        && Long.compareUnsigned(address, stackBase.getAsLong()) < 0;
  }
}
