// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

/** A task-state segment of 32-bit systems. */
public final class TaskState {
  private TaskState() {}

  /**
   * Writes the segment selectors with which a kernel's handlers run: user data in ES and DS, kernel
   * code and stack, the processor's own block in FS (Intel SDM volume 3, "32-Bit Task-State
   * Segment").
   *
   * @param tss where the segment begins
   */
  public static void selectors(VirtualMemory memory, long tss) {
    memory.u32(tss + 0x48, 0x23);
    memory.u32(tss + 0x4c, 8);
    memory.u32(tss + 0x50, 0x10);
    memory.u32(tss + 0x54, 0x23);
    memory.u32(tss + 0x58, 0x30);
  }
}
