// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A frame of a rebuilt stack.
 *
 * @param index 0 is the innermost
 * @param ip where the frame's function continues: the register for frame 0, else the return address
 *     or the Eip/Rip of a trap frame
 * @param slot the stack address that holds {@code ip}; empty on frame 0
 * @param childEbp what kd prints first on the row: on x86 the frame pointer or the return-address
 *     slot less 4, on x64 the stack pointer inside the frame (Child-SP); empty when unknown
 * @param returnAddress where the frame returns to: the next frame's {@code ip}; empty on the last
 * @param functionStart the address of the function that contains {@code ip}, if known
 * @param module the debugger's module name, or empty text outside all modules
 * @param symbol as kd prints it, for instance {@code nt!IofCallDriver+0x45}
 * @param function the same without displacement
 * @param bytes the stack that the frame itself owns: from its innermost word up to and including
 *     its return-address slot (a trap frame, or a machine frame, belongs to the trap handler)
 * @param kind what connects it to its inner neighbour
 * @param trust how the frame is known
 * @param score log-odds in bits, all evidence summed
 * @param margin bits by which the best chain with this frame beats the best one without it
 * @param trapFrame the trap frame that {@code ip} was read from, on {@link Kind#TRAP} and {@link
 *     Kind#SYSCALL} frames
 * @param evidence what speaks for and against it
 * @param alternative the best other explanation of this place, if there is one
 */
public record RebuiltFrame(
    int index,
    long ip,
    OptionalLong slot,
    OptionalLong childEbp,
    OptionalLong returnAddress,
    OptionalLong functionStart,
    String module,
    String symbol,
    String function,
    long bytes,
    Kind kind,
    Trust trust,
    double score,
    double margin,
    OptionalLong trapFrame,
    List<Evidence> evidence,
    Optional<Alternative> alternative) {

  /** How a frame was left inwards: what its inner neighbour is to it. */
  public enum Kind {
    /** The inner frame was called. */
    CALL,
    /** The inner frame is a fault or interrupt handler; {@code ip} was interrupted. */
    TRAP,
    /** The inner frame is the system service entry. */
    SYSCALL,
    /** The inner frame is a callout from the kernel to user mode and back. */
    CALLOUT,
    /** The inner frame runs on another stack. */
    SWITCH,
    /** User mode below the kernel's outermost frame. */
    USER;

    /** The word in text and JSON. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Another explanation that lost.
   *
   * @param slot where its return address would lie
   * @param ip that return address
   * @param score its bits
   * @param why why it lost, for people
   */
  public record Alternative(long slot, long ip, double score, String why) {}
}
