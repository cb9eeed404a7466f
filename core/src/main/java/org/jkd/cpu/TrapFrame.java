// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;

/**
 * What a trap, an interrupt or a system call saved of the interrupted code: KTRAP_FRAME.
 *
 * @param address of the frame
 * @param context the interrupted registers; those that the frame does not hold are unknown (on x64
 *     the non-volatile ones except rbp)
 * @param errorCode as the processor or the entry code pushed it
 * @param fromUser true when user-mode code was interrupted
 * @param stackPushed true when the frame itself holds the interrupted stack pointer; on x86 a trap
 *     from kernel mode pushes none, and the stack simply goes on behind the frame
 * @param faultAddress x64: the address of a page fault; 0 on x86
 * @param previousMode what the frame says about the thread's mode before, 0 kernel, 1 user
 * @param exceptionActive x64: 0 interrupt, 1 exception, 2 service; 0 on x86
 * @param dbgArgMark x86: 0xbadb0d00 in frames of systems up to 8.1; 0 on x64
 * @param dbgEip x86: a copy of eip for debuggers; 0 on x64
 */
public record TrapFrame(
    long address,
    CpuContext context,
    long errorCode,
    boolean fromUser,
    boolean stackPushed,
    long faultAddress,
    int previousMode,
    int exceptionActive,
    long dbgArgMark,
    long dbgEip) {
  /** Bytes of a frame on x86, with the V86 selectors. */
  public static final int SIZE_X86 = 0x8c;

  /** Bytes of a frame on x64. */
  public static final int SIZE_X64 = 0x190;

  /** Bytes of an x86 frame that a trap from kernel mode has: the stack goes on there. */
  public static final int KERNEL_SIZE_X86 = 0x74;

  /** The first build of Windows 10, whose x86 frames begin differently. */
  private static final int FIRST_SHIFTED_BUILD = 10240;

  private static final long V86_FLAG = 0x2_0000;

  /** When these bits of cs are clear, cs and esp were edited and the real ones lie elsewhere. */
  private static final int FRAME_EDITED = 0xfff8;

  private static final RegisterSlot[] X86 = {
    new RegisterSlot(Register.FS, 0x50, 2, 1),
    new RegisterSlot(Register.RDI, 0x54, 4, 1),
    new RegisterSlot(Register.RSI, 0x58, 4, 1),
    new RegisterSlot(Register.RBX, 0x5c, 4, 1),
    new RegisterSlot(Register.RBP, 0x60, 4, 1),
    new RegisterSlot(Register.RIP, 0x68, 4, 1),
    new RegisterSlot(Register.CS, 0x6c, 2, 1),
    new RegisterSlot(Register.EFLAGS, 0x70, 4, 1),
  };

  private static final RegisterSlot[] X86_FIRST_PART = {
    new RegisterSlot(Register.GS, 0x30, 2, 1),
    new RegisterSlot(Register.ES, 0x34, 2, 1),
    new RegisterSlot(Register.DS, 0x38, 2, 1),
    new RegisterSlot(Register.RDX, 0x3c, 4, 1),
    new RegisterSlot(Register.RCX, 0x40, 4, 1),
    new RegisterSlot(Register.RAX, 0x44, 4, 1),
  };

  private static final RegisterSlot[] X64 = {
    new RegisterSlot(Register.RAX, 0x30, 8, 1),
    new RegisterSlot(Register.RCX, 0x38, 8, 1),
    new RegisterSlot(Register.RDX, 0x40, 8, 1),
    new RegisterSlot(Register.R8, 0x48, 8, 1),
    new RegisterSlot(Register.R9, 0x50, 8, 1),
    new RegisterSlot(Register.R10, 0x58, 8, 1),
    new RegisterSlot(Register.R11, 0x60, 8, 1),
    new RegisterSlot(Register.RBP, 0x158, 8, 1),
    new RegisterSlot(Register.RIP, 0x168, 8, 1),
    new RegisterSlot(Register.CS, 0x170, 2, 1),
    new RegisterSlot(Register.EFLAGS, 0x178, 4, 1),
    new RegisterSlot(Register.RSP, 0x180, 8, 1),
    new RegisterSlot(Register.SS, 0x188, 2, 1),
  };

  /**
   * Reads a frame; dump-formats.md, 4.3. Nothing is checked: any memory can be read as a frame.
   *
   * @param build the system's build number, which decides between the two x86 layouts
   * @return empty when a byte of the frame is missing, or on ARM64
   */
  public static Optional<TrapFrame> read(Arch arch, int build, Memory memory, long address) {
    MemoryReader reader = new MemoryReader(memory, arch.pointerSize());
    return switch (arch) {
      case X86 -> x86(reader, build, address);
      case X64 -> reader.bytes(address, SIZE_X64).map(b -> x64(address, Bytes.of("trap frame", b)));
      case ARM64 -> Optional.empty();
    };
  }

  private static Optional<TrapFrame> x86(MemoryReader reader, int build, long address) {
    Optional<byte[]> start = reader.bytes(address, KERNEL_SIZE_X86);
    if (start.isEmpty()) {
      return Optional.empty();
    }
    byte[] whole = new byte[SIZE_X86];
    System.arraycopy(start.get(), 0, whole, 0, KERNEL_SIZE_X86);
    Bytes b = Bytes.of("trap frame", whole);
    int cs = b.u16(0x6c);
    boolean v86 = (b.u32(0x70) & V86_FLAG) != 0;
    boolean fromUser = (cs & 1) != 0 || v86;
    if (fromUser) {
      Optional<byte[]> rest =
          reader.bytes(address + KERNEL_SIZE_X86, v86 ? SIZE_X86 - KERNEL_SIZE_X86 : 8);
      if (rest.isEmpty()) {
        return Optional.empty();
      }
      System.arraycopy(rest.get(), 0, whole, KERNEL_SIZE_X86, rest.get().length);
      b = Bytes.of("trap frame", whole);
    }
    return Optional.of(x86(address, b, build >= FIRST_SHIFTED_BUILD ? 4 : 0, fromUser, v86));
  }

  private static TrapFrame x86(long address, Bytes b, int shift, boolean fromUser, boolean v86) {
    CpuContext context = RegisterSlot.read(Arch.X86, X86, b, 1);
    for (RegisterSlot slot : X86_FIRST_PART) {
      int at = slot.offset() - shift;
      context = context.with(slot.register(), slot.size() == 2 ? b.u16(at) : b.u32(at));
    }
    boolean pushed = fromUser;
    if (fromUser) {
      context = context.with(Register.RSP, b.u32(0x74)).with(Register.SS, b.u16(0x78));
    } else if ((b.u16(0x6c) & FRAME_EDITED) == 0) {
      context = context.with(Register.RSP, b.u32(0x14 - shift));
      context = context.with(Register.CS, b.u16(0x10 - shift)).with(Register.SS, 0x10);
      pushed = true;
    } else {
      context = context.with(Register.RSP, address + KERNEL_SIZE_X86).with(Register.SS, 0x10);
    }
    if (v86) {
      context = context.with(Register.ES, b.u16(0x7c)).with(Register.DS, b.u16(0x80));
      context = context.with(Register.FS, b.u16(0x84)).with(Register.GS, b.u16(0x88));
    }
    return new TrapFrame(
        address,
        context,
        b.u32(0x64),
        fromUser,
        pushed,
        0,
        b.u8(0x48 - shift),
        0,
        b.u32(8),
        b.u32(4));
  }

  private static TrapFrame x64(long address, Bytes b) {
    CpuContext context = RegisterSlot.read(Arch.X64, X64, b, 1);
    return new TrapFrame(
        address,
        context,
        b.u64(0x160),
        (b.u16(0x170) & 1) != 0,
        true,
        b.u64(0xd0),
        b.u8(0x28),
        b.u8(0x2b),
        0,
        0);
  }
}
