// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.UnwindRecords;
import org.junit.jupiter.api.Test;

/** Single steps of x86 walks that no dump at hand shows. */
class X86WalkTest {
  private static final long NT = 0x8080_0000L;
  private static final long STACK = 0xb000_0000L;
  private static final long OTHER = 0xb800_0000L;

  private final SparseMemory memory = new SparseMemory();
  private final ListedModule nt = new ListedModule("nt", NT, 0x10000, SymbolStatus.PUBLIC, memory);

  private CallStack walk(StackEnvironment environment, CpuContext start) {
    return new StackWalker(Arch.X86, memory, ListedModule.source(List.of(nt)), environment)
        .walk(start, 100);
  }

  @Test
  void fpoRecordsCountFromEspAndFindTheSavedEbp() {
    nt.symbol("Inner", "_Inner@8", NT + 0x100)
        .symbol("Outer", NT + 0x200)
        .record(new UnwindRecords.Fpo(0x100, 0x80, 8, 8, 3, 2, false, true, 0));
    memory
        .put32(STACK, 0x77) // saved registers, EBP first in memory order
        .put32(STACK + 4, 0x88)
        .put32(STACK + 8, 0)
        .put32(STACK + 0xc, 0)
        .put32(STACK + 0x10, NT + 0x210)
        .put32(STACK + 0x14, 1)
        .put32(STACK + 0x18, 2)
        .put32(STACK + 0x1c, 3);
    Frame frame =
        walk(StackEnvironment.NONE, StackWalker.x86Start(0x1234, STACK, NT + 0x110))
            .frames()
            .getFirst();
    assertEquals(STACK + 0xc, frame.base());
    assertEquals(NT + 0x210, frame.returnAddress());
    assertEquals(new Frame.Args(1, 2, 3, 0), frame.args());
    assertEquals("(FPO: [EBP 0x00000077] [2,2,2])", frame.note().map(FrameNote::text).orElse(""));
  }

  @Test
  void aTaskGateLeadsToTheInterruptedTaskWithABlankDistance() {
    nt.symbol("KiTrap08", "_KiTrap08", NT + 0x100).symbol("Deep", NT + 0x200);
    memory.put32(STACK + 4, 0).put32(STACK, 0);
    StackEnvironment environment =
        new StackEnvironment() {
          @Override
          public Optional<CpuContext> task(int selector) {
            return selector == 0x28
                ? Optional.of(StackWalker.x86Start(STACK, STACK - 8, NT + 0x222))
                : Optional.empty();
          }

          @Override
          public Optional<Range> stackAt(long address) {
            return Optional.empty();
          }

          @Override
          public OptionalLong callbackStack() {
            return OptionalLong.empty();
          }
        };
    CallStack stack = walk(environment, StackWalker.x86Start(0, OTHER, NT + 0x141));
    assertEquals(2, stack.frames().size());
    Frame gate = stack.frames().getFirst();
    assertEquals("(FPO: TaskGate 28:0)", gate.note().map(FrameNote::text).orElse(""));
    assertEquals(NT + 0x222, gate.returnAddress());
    assertEquals(0, gate.base());
    assertEquals(OptionalLong.empty(), stack.frames().get(1).distance());
    assertEquals(CallStack.End.RETURN_ADDRESS_ZERO, stack.end());
  }

  @Test
  void aFunctionThatHasNotPushedEbpYetIsNotSkipped() {
    nt.symbol("Victim", NT + 0x100).symbol("Caller", NT + 0x200);
    memory
        .put(NT + 0x100, new byte[] {(byte) 0x8b, (byte) 0xff, 0x55, (byte) 0x8b, (byte) 0xec})
        .put32(STACK, NT + 0x205)
        .put32(STACK + 0x20, 0)
        .put32(STACK + 0x24, 0);
    CallStack stack =
        walk(StackEnvironment.NONE, StackWalker.x86Start(STACK + 0x20, STACK, NT + 0x102));
    assertEquals(List.of(NT + 0x102, NT + 0x205), stack.frames().stream().map(Frame::ip).toList());
    assertEquals(Frame.Source.PROLOG, stack.frames().getFirst().source());
  }

  @Test
  void aChainThatTurnsBackEnds() {
    memory.put32(STACK, STACK).put32(STACK + 4, NT + 0x300).put32(STACK + 8, 0);
    CallStack stack =
        walk(StackEnvironment.NONE, StackWalker.x86Start(STACK, STACK - 4, NT + 0x310));
    assertTrue(stack.frames().size() <= 2, stack.frames().toString());
    assertEquals(CallStack.End.NO_PROGRESS, stack.end());
  }

  @Test
  void fromUserModeAWalkGoesOnWhereTheKernelCalledIt() {
    nt.symbol("KeUserModeCallback", NT + 0x400);
    long callout = STACK + 0x100;
    memory
        .put32(callout + 8, 0)
        .put32(callout + 0xc, 1)
        .put32(callout + 0x10, 2)
        .put32(callout + 0x14, 3)
        .put32(callout + 0x18, STACK + 0x200)
        .put32(callout + 0x1c, NT + 0x444)
        .put32(STACK + 0x200, 0)
        .put32(STACK + 0x204, 0);
    CallStack stack =
        walk(new Callouts(callout, 0), StackWalker.x86Start(0x12f000, 0x12eff0, 0x7c90_0000L));
    assertEquals(
        List.of(0x7c90_0000L, NT + 0x444), stack.frames().stream().map(Frame::ip).toList());
    assertEquals(Frame.Kind.CALLOUT, stack.frames().getFirst().kind());
    assertEquals(Optional.of(StackWarning.NOT_IN_MODULE), stack.frames().getFirst().warning());
    assertEquals(OptionalLong.empty(), stack.frames().get(1).distance());
  }

  /** Kernel, called from user mode, called from the kernel, called from user mode. */
  @Test
  void everyCalloutHasARowOfKiCallUserMode() {
    long callUserMode = NT + 0x300;
    nt.symbol("KiCallUserMode", "_KiCallUserMode@8", callUserMode)
        .symbol("KeUserModeCallback", NT + 0x400)
        .symbol("KiFastCallEntry", "_KiFastCallEntry", NT + 0x600)
        .symbol("Later", NT + 0x700)
        .record(new UnwindRecords.Fpo(0x300, 0x80, 12, 8, 4, 4, false, false, 0));
    long inner = STACK + 0x100;
    long outer = STACK + 0x800;
    callout(inner, outer, STACK + 0x200, NT + 0x444);
    callout(outer, 0, STACK + 0x900, NT + 0x455);
    long trap = STACK + 0x220;
    memory
        .put32(STACK + 0x200, trap) // KeUserModeCallback's frame: called by the system service
        .put32(STACK + 0x204, NT + 0x654)
        .put32(trap + TrapFrame32.DBG_ARG_MARK, TrapFrame32.MARK)
        .put32(trap + TrapFrame32.EBX, 0)
        .put32(trap + TrapFrame32.EBP, 0)
        .put32(trap + TrapFrame32.EIP, 0x7c90_1000L)
        .put32(trap + 0x6c, 0x1b)
        .put32(trap + 0x70, 0x246)
        .put32(trap + 0x74, 0x13_0000)
        .put32(trap + 0x78, 0x23)
        .put32(STACK + 0x900, 0)
        .put32(STACK + 0x904, 0);
    CallStack stack =
        walk(
            new Callouts(inner, callUserMode),
            StackWalker.x86Start(0x12f000, 0x12eff0, 0x7c90_0000L));
    assertEquals(
        List.of(
            0x7c90_0000L,
            callUserMode + 4,
            NT + 0x444,
            NT + 0x654,
            0x7c90_1000L,
            callUserMode + 4,
            NT + 0x455),
        stack.frames().stream().map(Frame::ip).toList());
    Frame row = stack.frames().get(1);
    assertEquals(inner + 0x18, row.base());
    assertEquals(NT + 0x444, row.returnAddress());
    assertEquals(OptionalLong.empty(), row.distance());
    assertEquals("(FPO: [2,3,4])", row.note().map(FrameNote::text).orElse(""));
    assertEquals(OptionalLong.of(STACK + 0x200 - row.base()), stack.frames().get(2).distance());
    assertEquals(Frame.Kind.CALLOUT, stack.frames().getFirst().kind());
    assertEquals(callUserMode + 4, stack.frames().getFirst().returnAddress());
  }

  private void callout(long at, long next, long ebp, long returnAddress) {
    for (int i = 0; i < 0x18; i += 4) {
      memory.put32(at + i, i == 8 ? next : i);
    }
    memory.put32(at + 0x18, ebp).put32(at + 0x1c, returnAddress);
  }

  private record Callouts(long innermost, long function) implements StackEnvironment {
    @Override
    public Optional<CpuContext> task(int selector) {
      return Optional.empty();
    }

    @Override
    public Optional<Range> stackAt(long address) {
      return Optional.empty();
    }

    @Override
    public OptionalLong callbackStack() {
      return OptionalLong.of(innermost);
    }

    @Override
    public OptionalLong callUserMode() {
      return function == 0 ? OptionalLong.empty() : OptionalLong.of(function);
    }
  }

  @Test
  void onX64TheWalkSaysThatTheCalloutIsNotFollowed() {
    CpuContext start = StackWalker.x64Start(0x12f000, 0x7ff6_0000_1000L);
    assertEquals(
        List.of(),
        new StackWalker(Arch.X64, memory, ListedModule.source(List.of()), StackEnvironment.NONE)
            .walk(start, 100)
            .notes());
    List<String> notes =
        new StackWalker(
                Arch.X64,
                memory,
                ListedModule.source(List.of()),
                new Callouts(0xffff_8000_1234_5000L, 0))
            .walk(start, 100)
            .notes();
    assertEquals(1, notes.size());
    assertTrue(notes.getFirst().contains("callout frame ffff800012345000"), notes.getFirst());
  }

  @Test
  void theRegistersOfAFrameAreThoseOfTheWalk() {
    nt.symbol("A", NT + 0x100);
    memory
        .put32(STACK, STACK + 0x20)
        .put32(STACK + 4, NT + 0x150)
        .put32(STACK + 0x20, 0)
        .put32(STACK + 0x24, 0);
    StackWalker walker =
        new StackWalker(Arch.X86, memory, ListedModule.source(List.of(nt)), StackEnvironment.NONE);
    CpuContext start = StackWalker.x86Start(STACK, STACK - 4, NT + 0x120);
    CpuContext second = walker.registers(start, 1).orElseThrow();
    assertEquals(NT + 0x150, second.ip());
    assertEquals(STACK + 0x20, second.bp());
    assertEquals(STACK + 8, second.sp());
    assertTrue(walker.registers(start, 7).isEmpty());
  }
}
