// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;

/**
 * An x86 task state segment. On a double fault the processor stores the interrupted registers into
 * the segment of the running task (selector 28) and loads those of the double fault task (50), so
 * that the former shows the state at the overflow.
 *
 * @param address of the segment
 * @param backlink the selector of the task that was interrupted, in the low 16 bits
 * @param esp0 the stack for traps from user mode
 * @param cr3 not maintained by the processor when it leaves a task: do not rely on it
 */
public record TaskState(
    long address, int backlink, long esp0, int ss0, long cr3, CpuContext context) {
  /** Bytes of the part that the processor defines. */
  public static final int SIZE = 0x68;

  private static final RegisterSlot[] SLOTS = {
    new RegisterSlot(Register.RIP, 0x20, 4, 1),
    new RegisterSlot(Register.EFLAGS, 0x24, 4, 1),
    new RegisterSlot(Register.RAX, 0x28, 4, 1),
    new RegisterSlot(Register.RCX, 0x2c, 4, 1),
    new RegisterSlot(Register.RDX, 0x30, 4, 1),
    new RegisterSlot(Register.RBX, 0x34, 4, 1),
    new RegisterSlot(Register.RSP, 0x38, 4, 1),
    new RegisterSlot(Register.RBP, 0x3c, 4, 1),
    new RegisterSlot(Register.RSI, 0x40, 4, 1),
    new RegisterSlot(Register.RDI, 0x44, 4, 1),
    new RegisterSlot(Register.ES, 0x48, 2, 1),
    new RegisterSlot(Register.CS, 0x4c, 2, 1),
    new RegisterSlot(Register.SS, 0x50, 2, 1),
    new RegisterSlot(Register.DS, 0x54, 2, 1),
    new RegisterSlot(Register.FS, 0x58, 2, 1),
    new RegisterSlot(Register.GS, 0x5c, 2, 1),
  };

  /** Reads a segment; empty when any byte of it is missing. */
  public static Optional<TaskState> read(Memory memory, long address) {
    return new MemoryReader(memory, 4)
        .bytes(address, SIZE)
        .map(array -> of(address, Bytes.of("task state segment", array)));
  }

  private static TaskState of(long address, Bytes b) {
    return new TaskState(
        address,
        b.u16(0),
        b.u32(4),
        b.u16(8),
        b.u32(0x1c),
        RegisterSlot.read(Arch.X86, SLOTS, b, 1));
  }
}
