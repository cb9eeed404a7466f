// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.List;
import java.util.OptionalLong;

/**
 * A rebuilt stack: what is sure, what is not, and what is missing.
 *
 * @param thread the thread's address, empty when the stack belongs to none
 * @param stackBase the address after the highest byte of the stack the frames begin on
 * @param stackLimit its lowest address
 * @param stackPointer where the stack pointer stood, empty when it could not be known
 * @param frames from the innermost outwards
 * @param gaps the unattributed ranges, ascending
 * @param cycles repetitions, largest first
 * @param notes what a reader must know: missing images, unreadable parts, doubtful registers
 */
public record RebuiltStack(
    OptionalLong thread,
    long stackBase,
    long stackLimit,
    OptionalLong stackPointer,
    List<RebuiltFrame> frames,
    List<Gap> gaps,
    List<Cycle> cycles,
    List<String> notes) {

  /** The bytes that all frames on this stack own together. */
  public long attributed() {
    return frames.stream()
        .filter(f -> f.slot().isEmpty() || within(f.slot().getAsLong()))
        .mapToLong(RebuiltFrame::bytes)
        .sum();
  }

  /** True for an address of this stack. */
  public boolean within(long address) {
    return Long.compareUnsigned(address, stackLimit) >= 0
        && Long.compareUnsigned(address, stackBase) < 0;
  }
}
