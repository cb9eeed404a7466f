// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;

/** What rebuilding wants to know about code; {@link AnalysedCode} answers from org.jkd.code. */
interface CodeFacts {
  /** What an address can be, as code. */
  enum Place {
    /** No code: outside modules, or in a section that is not executable. */
    NONE,
    /** In a module, but nothing says whether this part is code. */
    POSSIBLE,
    /** In an executable section, or in memory that holds code for certain. */
    CODE
  }

  /** Whether control that enters at one address can be at another without a return in between. */
  enum Reach {
    NO,
    UNKNOWN,
    /** The bytes are missing; the distance is that of a function. */
    NEAR,
    /** Over tail calls or thunks. */
    JUMPS,
    YES
  }

  /**
   * The call that ends at a return address.
   *
   * @param instruction its address
   * @param direct true for a call with the target in the instruction
   * @param target where it leads, if that is known
   * @param argument number of constants that are known to have been pushed for it
   */
  record CallBefore(long instruction, boolean direct, OptionalLong target) {}

  /**
   * How the frame lies at an instruction. Distances are bytes.
   *
   * @param depths from the stack pointer to the return-address slot: none, one, or several
   * @param certain false when the depths rest on an assumption
   * @param frameRegister the register from which the slot is a fixed distance, if there is one
   * @param frameDistance from that register to the slot
   * @param saved where the caller's registers are
   */
  record Layout(
      int[] depths,
      boolean certain,
      Optional<Register> frameRegister,
      int frameDistance,
      Saved saved) {}

  /** Where a caller's register is while its callee runs. */
  interface Saved {
    /** Bytes below the return-address slot where the register was saved; empty if nowhere. */
    OptionalLong below(Register register);

    /** True when the register still holds the caller's value. */
    boolean unchanged(Register register);
  }

  /** What an address is. */
  Place place(long address);

  /** True when the byte at the address is known. */
  boolean readable(long address);

  /** The start of the function that contains an address. */
  OptionalLong functionStart(long address);

  /** The call before a return address; empty when there is none or its bytes are missing. */
  Optional<CallBefore> callBefore(long returnAddress);

  /** How the frame lies at an instruction, or, for a return address, at the call before it. */
  Optional<Layout> layout(long ip, boolean returned);

  /** Whether the function entered at {@code entry} can stand at {@code ip}. */
  Reach reach(long entry, long ip);

  /** True when the instruction at an address is a near return. */
  boolean isReturn(long address);

  /** The symbol records' opinion: the slot of the return address; x86. */
  OptionalLong frameDataSlot(CpuContext context, boolean returned);

  /** Virtual unwinding by the image's own records; x64. */
  Optional<Unwound> unwind(CpuContext context, boolean returned);

  /**
   * A frame that unwind records took off.
   *
   * @param context the caller's registers
   * @param slot where its instruction pointer was read
   * @param machineFrame true when the processor pushed it
   * @param leaf true when there was no record, so a function without a frame was assumed
   */
  record Unwound(CpuContext context, long slot, boolean machineFrame, boolean leaf) {}
}
