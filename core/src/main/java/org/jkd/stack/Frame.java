// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A row of a {@code k} command.
 *
 * @param index from 0, the innermost
 * @param ip where the function of this row stands: the register for row 0, for every other row the
 *     return address of the row before
 * @param base ChildEBP on x86 (for a function without EBP: the slot of its return address − 4),
 *     Child-SP on x64
 * @param sp the stack pointer with which the function stands at {@code ip}
 * @param returnAddress what the RetAddr column shows; 0 when nothing could be read
 * @param slot the address that holds {@code returnAddress}: a stack slot, or the instruction
 *     pointer's field of a trap frame; empty when nothing could be read or it came from a task
 *     state
 * @param distance the Memory column of {@code kf}: bytes from the base of the row before; empty on
 *     the first row and where the walk changed stacks
 * @param args the words that {@code kb} shows
 * @param kind how this row's function hands over to the next row
 * @param source what led from this row to the next
 * @param note what {@code kv} adds at the end of the row
 * @param warning the line that kd prints before the row
 * @param registers those that the walk knows to be the function's own at {@code ip}
 * @param exact true if {@code ip} is the next instruction, false if it is a return address
 */
public record Frame(
    int index,
    long ip,
    long base,
    long sp,
    long returnAddress,
    OptionalLong slot,
    OptionalLong distance,
    Args args,
    Kind kind,
    Source source,
    Optional<FrameNote> note,
    Optional<StackWarning> warning,
    FrameRegisters registers,
    boolean exact) {

  /** An address inside the instruction that the function is at: of a call, not what follows it. */
  public long place() {
    return exact ? ip : ip - 1;
  }

  /** The address of the trap frame that this row's function built, if it is such a function. */
  public OptionalLong trapFrame() {
    return note.isPresent() && note.get() instanceof FrameNote.Trap trap
        ? OptionalLong.of(trap.address())
        : OptionalLong.empty();
  }

  /**
   * The words where a function's arguments would stand: three count on x86, four on x64 (its home
   * space, which callees may use for other things). Words that cannot be read are 0, as in kd.
   */
  public record Args(long first, long second, long third, long fourth) {
    /** All zero. */
    public static final Args NONE = new Args(0, 0, 0, 0);
  }

  /** How the function of a row was entered. */
  public enum Kind {
    /** By a call; the next row is its caller. */
    CALL,
    /** By an exception or interrupt; the next row is what was interrupted. */
    TRAP,
    /** By a system call, from user mode or from kernel mode (Zw functions). */
    SYSCALL,
    /** By a task gate; the next row is what the processor was doing in the other task. */
    TASK_SWITCH,
    /**
     * By a call from kernel mode to user mode; the next row is KiCallUserMode, or the kernel
     * function that called it where its address is not known.
     */
    CALLOUT
  }

  /** What led from a row to the next one. */
  public enum Source {
    /** FPO_DATA. */
    FPO,
    /** A FrameData program, of a PDB or of a Breakpad STACK WIN record. */
    FRAME_DATA,
    /** The saved EBP of an ordinary frame. */
    FRAME_POINTER,
    /** The beginning of a function, where no frame exists yet. */
    PROLOG,
    /** A trap frame. */
    TRAP_FRAME,
    /** A task state segment. */
    TASK_STATE,
    /** The record that the kernel leaves when it calls user mode. */
    CALLOUT_FRAME,
    /** The stack pointer that a function kept when it went to the stack of DPCs or interrupts. */
    STACK_SWITCH,
    /** x64 unwind information. */
    UNWIND_INFO,
    /** x64: an image without an entry for this address, so a function without a frame. */
    LEAF,
    /** x64: no image, so kd takes the function for one without a frame. */
    NO_IMAGE,
    /** A Breakpad STACK CFI record. */
    CFI,
    /** Nothing: the walk ends here. */
    NONE
  }
}
