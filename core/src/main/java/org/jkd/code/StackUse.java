// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

/**
 * Stack that one instruction of a function took and that is still in use at some later place.
 *
 * @param instruction the address of the instruction
 * @param bytes how much it took; for an alignment the most that it can have taken
 * @param kind what for
 */
public record StackUse(long instruction, int bytes, Kind kind) {
  /** What stack is taken for. */
  public enum Kind {
    /** A register of the caller is kept. */
    SAVED_REGISTER,
    /** Local variables. */
    LOCALS,
    /** Arguments of a call that is about to be made. */
    ARGUMENTS,
    /** Padding so that the stack pointer is aligned. */
    ALIGNMENT,
    /** A helper that builds the frame was called. */
    HELPER
  }
}
