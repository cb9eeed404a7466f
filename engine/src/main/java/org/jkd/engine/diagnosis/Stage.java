// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.List;

/**
 * A part of the stack between two entries into the kernel.
 *
 * @param number 1 is the outermost, the one that came first in time
 * @param entry how it was entered
 * @param title one line for people, for instance {@code page fault in nt!CcMapData}
 * @param first index of its innermost frame
 * @param last index of its outermost frame
 * @param bytes its stack
 * @param modules bytes and frames per module, largest first
 * @param crossed the modules in the order in which they were entered, oldest first, runs folded
 * @param completions the modules whose completion routines run inside this stage
 */
public record Stage(
    int number,
    Entry entry,
    String title,
    int first,
    int last,
    long bytes,
    List<StackUsage.Row> modules,
    List<String> crossed,
    List<String> completions) {

  /** How the kernel was entered. */
  public enum Entry {
    /** A system service called from user mode. */
    USER_SERVICE,
    /** A {@code Zw} service called from kernel mode. */
    KERNEL_SERVICE,
    /** A page fault or another trap taken in kernel mode. */
    TRAP,
    /**
     * An exported kernel function that goes down the driver stacks again, such as a file create.
     */
    KERNEL_API,
    /** A callout from the kernel to user mode came back in. */
    CALLOUT,
    /** Work on another stack: DPC, interrupt, expanded segment. */
    STACK_SWITCH,
    /** The start of a system thread. */
    THREAD_START,
    /** The chain ends before its beginning is known. */
    UNKNOWN
  }

  /** The number of frames. */
  public int rows() {
    return last - first + 1;
  }
}
