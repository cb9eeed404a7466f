// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;

/**
 * What the verdict is made from; gathered from a dump, or written down from a published case.
 *
 * @param code bug check code as it stands in the dump
 * @param parameters its four parameters
 * @param stackPointer the stack pointer at the fault, if a context of it was found
 * @param framePointer EBP or RBP at the fault
 * @param instructionPointer EIP or RIP at the fault
 * @param source where these registers come from, for people, for instance {@code TSS 28}
 * @param faultAddress the address whose access failed, if known (CR2, exception parameter)
 * @param stacks every stack of the machine that is known, the crashed thread's first
 * @param guard whether the page below the stack that the pointer belongs to is mapped
 * @param reach how far down the rebuilt stack goes, if one could be rebuilt
 * @param dispatchLoop description of an exception-dispatch loop found in the rebuilt stack
 */
public record FaultFacts(
    Arch arch,
    long code,
    List<Long> parameters,
    OptionalLong stackPointer,
    OptionalLong framePointer,
    OptionalLong instructionPointer,
    String source,
    OptionalLong faultAddress,
    List<StackRange> stacks,
    Guard guard,
    Optional<Reach> reach,
    Optional<String> dispatchLoop) {

  /**
   * A rebuilt stack, for a dump that lacks the registers of the fault.
   *
   * @param stack the stack that it is about
   * @param innermost the lowest address at which one of its frames is known
   * @param coverage the share of the stack that its frames explain, 0 to 1
   */
  public record Reach(StackRange stack, long innermost, double coverage) {}

  /** The state of the page below a stack. */
  public enum Guard {
    /** Its PTE is not valid: a guard page. */
    NOT_VALID,
    /** It is mapped: the stack has no guard there, or was extended. */
    VALID,
    /** The dump does not hold the page tables. */
    UNKNOWN
  }

  /**
   * A stack of the machine.
   *
   * @param name for people, for instance {@code thread stack}
   * @param limit its lowest address
   * @param base the address after its highest byte
   */
  public record StackRange(String name, long limit, long base) {
    /** True for an address inside. */
    public boolean contains(long address) {
      return Long.compareUnsigned(address, limit) >= 0 && Long.compareUnsigned(address, base) < 0;
    }
  }
}
