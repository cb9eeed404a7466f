// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.List;
import java.util.Optional;

/**
 * The call whose return address is given, and how the stack of its function looks around it.
 *
 * <p>With the return address stored at slot {@code s}, the slot of the containing function's own
 * return address is one of {@code depth().returnSlots(s + pointer)}.
 *
 * @param returnAddress the address behind the call
 * @param instruction the address of the call
 * @param kind how the target is named
 * @param target where the call leads; 0 when that is not known before run time
 * @param pointer for calls through a fixed address: that address, else 0
 * @param importName {@code dll!name} of the import that the pointer stands for
 * @param function the function that contains the call, if the call is an instruction of one
 * @param state the stack at the call, arguments pushed, return address not yet
 * @param popped bytes of arguments that the callee pops, -1 when not known
 * @param constants constant words that the caller pushed
 */
public record CallSite(
    long returnAddress,
    long instruction,
    Kind kind,
    long target,
    long pointer,
    Optional<String> importName,
    Optional<FunctionCode> function,
    StackState state,
    int popped,
    List<Constant> constants) {

  /** How a call names its target. */
  public enum Kind {
    /** {@code call rel32}. */
    DIRECT,
    /** Through a pointer at a fixed address, usually a slot of the import table. */
    POINTER,
    /** Through memory at an address that is computed. */
    MEMORY,
    /** Through a register. */
    REGISTER
  }

  /**
   * A constant that lies on the stack when the call is made.
   *
   * @param offset bytes from the slot of the call's return address: the first argument at one
   *     pointer
   */
  public record Constant(int offset, long value) {}

  /** How far above the stack pointer after the return, arguments still pushed, the slot lies. */
  public Depth depth() {
    return state.depth();
  }

  /**
   * True when the call is an instruction of a function's flow, not only bytes that look like it.
   */
  public boolean isInFlow() {
    return function.isPresent();
  }
}
