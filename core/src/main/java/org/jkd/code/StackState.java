// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jkd.cpu.Register;

/**
 * What holds before an instruction of a function is executed. Offsets are bytes from the slot of
 * the function's return address.
 *
 * @param address of the instruction
 * @param depth how far above the stack pointer the return-address slot lies
 * @param frames registers that hold an address in the frame, for instance ebp with -4
 * @param unchanged registers that still hold what they held in the caller
 * @param saved where values of the caller's registers lie
 */
public record StackState(
    long address,
    Depth depth,
    List<FrameRegister> frames,
    List<Register> unchanged,
    List<SavedRegister> saved) {

  /**
   * A register that holds the address {@code offset} bytes above the return-address slot: the slot
   * lies at the register's value less the offset.
   */
  public record FrameRegister(Register register, int offset) {}

  /** The offset that a register holds, if it points into the frame. */
  public OptionalInt frameOffset(Register register) {
    for (FrameRegister f : frames) {
      if (f.register() == register) {
        return OptionalInt.of(f.offset());
      }
    }
    return OptionalInt.empty();
  }

  /** Where the caller's value of a register lies, if it was saved. */
  public Optional<SavedRegister> savedAt(Register register) {
    for (SavedRegister s : saved) {
      if (s.register() == register) {
        return Optional.of(s);
      }
    }
    return Optional.empty();
  }

  /** True when a register still holds the caller's value. */
  public boolean isUnchanged(Register register) {
    return unchanged.contains(register);
  }
}
