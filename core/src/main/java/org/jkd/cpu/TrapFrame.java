// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.Optional;
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

  /** The selector of kernel data and stacks on x86. */
  private static final int KERNEL_DATA = 0x10;

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

  private static final RegisterSlot[] X86_USER = {
    new RegisterSlot(Register.RSP, 0x74, 4, 1), new RegisterSlot(Register.SS, 0x78, 2, 1),
  };

  private static final RegisterSlot[] X86_EDITED = {
    new RegisterSlot(Register.CS, 0x10, 2, 1), new RegisterSlot(Register.RSP, 0x14, 4, 1),
  };

  private static final RegisterSlot[] X86_V86 = {
    new RegisterSlot(Register.ES, 0x7c, 2, 1),
    new RegisterSlot(Register.DS, 0x80, 2, 1),
    new RegisterSlot(Register.FS, 0x84, 2, 1),
    new RegisterSlot(Register.GS, 0x88, 2, 1),
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
   * Reads a frame; dump-formats.md, 4.3. Nothing is checked: any memory can be read as a frame. A
   * frame may begin below a stack that has run out: what the processor itself pushed lies at its
   * end and is enough, and registers whose place is missing stay unknown.
   *
   * @param build the system's build number, which decides between the two x86 layouts
   * @return empty when the place of the instruction pointer or of cs is missing, or on ARM64
   */
  public static Optional<TrapFrame> read(Arch arch, int build, Memory memory, long address) {
    MemoryReader reader = new MemoryReader(memory, arch.pointerSize());
    return switch (arch) {
      case X86 -> x86(reader, build >= FIRST_SHIFTED_BUILD ? 4 : 0, address);
      case X64 -> x64(reader, address);
      case ARM64 -> Optional.empty();
    };
  }

  private static Optional<TrapFrame> x86(MemoryReader reader, int shift, long address) {
    CpuContext context = RegisterSlot.read(CpuContext.unknown(Arch.X86), X86, reader, address);
    context = RegisterSlot.read(context, X86_FIRST_PART, reader, address - shift);
    if (!context.knows(Register.RIP) || !context.knows(Register.CS)) {
      return Optional.empty();
    }
    boolean v86 = (context.get(Register.EFLAGS) & V86_FLAG) != 0;
    long cs = context.get(Register.CS);
    boolean fromUser = (cs & 1) != 0 || v86;
    boolean pushed = fromUser;
    if (fromUser) {
      context = RegisterSlot.read(context, X86_USER, reader, address);
    } else if ((cs & FRAME_EDITED) == 0) {
      context = RegisterSlot.read(context, X86_EDITED, reader, address - shift);
      context = context.with(Register.SS, KERNEL_DATA);
      pushed = true;
    } else {
      context = context.with(Register.RSP, address + KERNEL_SIZE_X86);
      context = context.with(Register.SS, KERNEL_DATA);
    }
    if (v86) {
      context = RegisterSlot.read(context, X86_V86, reader, address);
    }
    return Optional.of(
        new TrapFrame(
            address,
            context,
            reader.u32(address + 0x64).orElse(0),
            fromUser,
            pushed,
            0,
            reader.u8(address + 0x48 - shift).orElse(0),
            0,
            reader.u32(address + 8).orElse(0),
            reader.u32(address + 4).orElse(0)));
  }

  private static Optional<TrapFrame> x64(MemoryReader reader, long address) {
    CpuContext context = RegisterSlot.read(CpuContext.unknown(Arch.X64), X64, reader, address);
    if (!context.knows(Register.RIP) || !context.knows(Register.CS)) {
      return Optional.empty();
    }
    return Optional.of(
        new TrapFrame(
            address,
            context,
            reader.u64(address + 0x160).orElse(0),
            (context.get(Register.CS) & 1) != 0,
            true,
            reader.u64(address + 0xd0).orElse(0),
            reader.u8(address + 0x28).orElse(0),
            reader.u8(address + 0x2b).orElse(0),
            0,
            0));
  }
}
