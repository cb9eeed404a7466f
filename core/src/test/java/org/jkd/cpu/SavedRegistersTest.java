// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.Unreadable;
import org.junit.jupiter.api.Test;

/** Records in which every byte tells its own place, so that a wrong offset gives a wrong value. */
class SavedRegistersTest {
  private static final long AT = 0xb8ae_64c8L;
  private static final int FLAGS = 0x246;

  /** The four bytes at offset n hold 0x10000000 + n. */
  private static ByteBuffer numbered(int size) {
    ByteBuffer b = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i + 4 <= size; i += 4) {
      b.putInt(i, 0x1000_0000 + i);
    }
    return b;
  }

  private static BlockMemory memory(long address, ByteBuffer bytes) {
    return new BlockMemory(
        List.of(BlockMemory.Block.of(address, Bytes.of("memory", bytes.array()))),
        new Unreadable.NoBlock());
  }

  @Test
  void x86TrapFromTheKernelPushedNoStackPointer() {
    ByteBuffer b = numbered(TrapFrame.KERNEL_SIZE_X86).putInt(0x6c, 8).putInt(0x70, FLAGS);
    TrapFrame old = TrapFrame.read(Arch.X86, 3790, memory(AT, b), AT).orElseThrow();
    assertThat(old.fromUser()).isFalse();
    assertThat(old.stackPushed()).isFalse();
    assertThat(old.context().sp()).isEqualTo(AT + 0x74);
    assertThat(old.context().ip()).isEqualTo(0x1000_0068);
    assertThat(old.context().bp()).isEqualTo(0x1000_0060);
    assertThat(old.context().get(Register.RDI)).isEqualTo(0x1000_0054);
    assertThat(old.context().get(Register.RAX)).isEqualTo(0x1000_0044);
    assertThat(old.context().get(Register.RDX)).isEqualTo(0x1000_003c);
    assertThat(old.errorCode()).isEqualTo(0x1000_0064);
    TrapFrame ten = TrapFrame.read(Arch.X86, 19041, memory(AT, b), AT).orElseThrow();
    assertThat(ten.context().get(Register.RAX)).isEqualTo(0x1000_0040);
    assertThat(ten.context().get(Register.RDI)).isEqualTo(0x1000_0054);
  }

  @Test
  void x86TrapFromUserModeHasItsStack() {
    ByteBuffer b = numbered(TrapFrame.SIZE_X86).putInt(0x6c, 0x1b).putInt(0x70, FLAGS);
    TrapFrame frame = TrapFrame.read(Arch.X86, 2600, memory(AT, b), AT).orElseThrow();
    assertThat(frame.fromUser()).isTrue();
    assertThat(frame.context().sp()).isEqualTo(0x1000_0074);
    assertThat(frame.context().get(Register.SS)).isEqualTo(0x78);
  }

  @Test
  void editedX86FrameKeepsTheStackPointerElsewhere() {
    ByteBuffer b = numbered(TrapFrame.KERNEL_SIZE_X86).putInt(0x6c, 0).putInt(0x70, FLAGS);
    b.putInt(0x10, 8);
    TrapFrame frame = TrapFrame.read(Arch.X86, 2600, memory(AT, b), AT).orElseThrow();
    assertThat(frame.context().sp()).isEqualTo(0x1000_0014);
    assertThat(frame.context().get(Register.CS)).isEqualTo(8);
  }

  @Test
  void x64FrameBelowTheLimitStillHasItsEnd() {
    ByteBuffer b = numbered(TrapFrame.SIZE_X64);
    for (int i = 0; i < TrapFrame.SIZE_X64; i += 8) {
      b.putLong(i, i);
    }
    b.putLong(0x170, 0x10);
    TrapFrame whole = TrapFrame.read(Arch.X64, 7601, memory(AT, b), AT).orElseThrow();
    assertThat(whole.context().get(Register.R11)).isEqualTo(0x60);
    assertThat(whole.faultAddress()).isEqualTo(0xd0);
    assertThat(whole.context().known()).hasSize(13);

    ByteBuffer end = ByteBuffer.allocate(0x110);
    end.put(0, b, 0x80, 0x110);
    TrapFrame part = TrapFrame.read(Arch.X64, 7601, memory(AT + 0x80, end), AT).orElseThrow();
    assertThat(part.context().ip()).isEqualTo(0x168);
    assertThat(part.context().sp()).isEqualTo(0x180);
    assertThat(part.context().knows(Register.RAX)).isFalse();
    assertThat(TrapFrame.read(Arch.X64, 7601, memory(AT, b.slice(0, 0x100)), AT + 0x80)).isEmpty();
  }

  @Test
  void contextGivesOnlyTheGroupsThatItNames() {
    ByteBuffer b = numbered(ContextRecord.size(Arch.X86)).putInt(0, 0x1_0001);
    CpuContext control = ContextRecord.read(Arch.X86, Bytes.of("context", b.array()));
    assertThat(control.ip()).isEqualTo(0x1000_00b8);
    assertThat(control.sp()).isEqualTo(0x1000_00c4);
    assertThat(control.bp()).isEqualTo(0x1000_00b4);
    assertThat(control.knows(Register.RAX)).isFalse();
    b.putInt(0, 0x1_0007);
    CpuContext full = ContextRecord.read(Arch.X86, Bytes.of("context", b.array()));
    assertThat(full.get(Register.RAX)).isEqualTo(0x1000_00b0);
    assertThat(full.get(Register.RDI)).isEqualTo(0x1000_009c);
    assertThat(full.get(Register.GS)).isEqualTo(0x8c);
    assertThat(ContextRecord.read(Arch.X86, Bytes.of("context", new byte[0xcc])).known()).isEmpty();
  }

  @Test
  void x64ContextAndSpecialRegisters() {
    ByteBuffer b = ByteBuffer.allocate(ContextRecord.size(Arch.X64)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < b.capacity(); i += 8) {
      b.putLong(i, i);
    }
    b.putInt(0x30, 0x10_001f);
    CpuContext context = ContextRecord.read(Arch.X64, Bytes.of("context", b.array()));
    assertThat(context.ip()).isEqualTo(0xf8);
    assertThat(context.sp()).isEqualTo(0x98);
    assertThat(context.bp()).isEqualTo(0xa0);
    assertThat(context.get(Register.RBX)).isEqualTo(0x90);
    assertThat(context.get(Register.R15)).isEqualTo(0xf0);
    assertThat(context.get(Register.DR7)).isEqualTo(0x70);

    SpecialRegisters x86 =
        SpecialRegisters.read(Arch.X86, memory(AT, numbered(0x40)), AT).orElseThrow();
    assertThat(x86.cr2()).isEqualTo(0x1000_0004);
    assertThat(x86.gdtBase()).isEqualTo(0x1000_002c);
    assertThat(x86.idtBase()).isEqualTo(0x1000_0034);
    assertThat(x86.tr()).isEqualTo(0x38);
    SpecialRegisters x64 = SpecialRegisters.read(Arch.X64, memory(AT, b), AT).orElseThrow();
    assertThat(x64.cr4()).isEqualTo(0x18);
    assertThat(x64.gdtBase()).isEqualTo(0x58);
    assertThat(x64.tr()).isEqualTo(0x70);
  }

  @Test
  void taskStateHoldsTheInterruptedTask() {
    TaskState task = TaskState.read(memory(AT, numbered(0x68)), AT).orElseThrow();
    assertThat(task.context().ip()).isEqualTo(0x1000_0020);
    assertThat(task.context().sp()).isEqualTo(0x1000_0038);
    assertThat(task.context().bp()).isEqualTo(0x1000_003c);
    assertThat(task.context().get(Register.RDI)).isEqualTo(0x1000_0044);
    assertThat(task.esp0()).isEqualTo(0x1000_0004);
    assertThat(task.cr3()).isEqualTo(0x1000_001c);
    assertThat(TaskState.read(memory(AT, numbered(0x60)), AT)).isEmpty();
  }
}
