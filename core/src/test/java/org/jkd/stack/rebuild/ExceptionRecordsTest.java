// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Exception registration records as evidence. */
class ExceptionRecordsTest {
  private static final long CODE = 0x8050_0000L;
  private static final long STACK = 0x9000_0000L;
  private static final int STACK_BYTES = 0x260;

  /** What {@code fs:[0]} holds: the record of the guarded function, whose EBP is 0x10 above. */
  private static final int RECORD = 0x1f0;

  private static final int TRUE_SLOT = RECORD + 0x14;

  /** A call of the guarded function that returned long ago. */
  private static final int STALE_SLOT = 0x1e8;

  /** Three functions: one calls one with a handler and an alloca, and that one a leaf. */
  private static byte[] code() {
    ByteBuffer b = ByteBuffer.allocate(0x1000);
    put(b, 0x10, "55 89e5 6aff 6800095080 6880005080 64a100000000 50 64892500000000 2be1");
    put(b, 0x2f, "e80c000000 8be5 5d c3"); // call 0x40
    put(b, 0x40, "50 8b00 58 c3");
    put(b, 0x60, "e8abffffff c3"); // call 0x10
    put(b, 0x80, "c3");
    return b.array();
  }

  private static void put(ByteBuffer b, int at, String hex) {
    b.put(at, HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  private static Memory memory(boolean record) {
    ByteBuffer s = ByteBuffer.allocate(STACK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    s.putInt(0x104, (int) CODE + 0x34);
    s.putInt(STALE_SLOT, (int) CODE + 0x65);
    s.putInt(TRUE_SLOT, (int) CODE + 0x65);
    if (record) {
      s.putInt(RECORD, -1);
      s.putInt(RECORD + 4, (int) CODE + 0x80);
      s.putInt(RECORD + 8, (int) CODE + 0x900);
      s.putInt(RECORD + 12, 0);
    }
    return new BlockMemory(
        List.of(
            BlockMemory.Block.of(CODE, Bytes.of("code", code())),
            BlockMemory.Block.of(STACK, Bytes.of("stack", s.array()))),
        new Unreadable.NoBlock());
  }

  private static RebuiltStack rebuild(boolean record) {
    Memory memory = memory(record);
    CodeImage image =
        new CodeImage("m", Arch.X86, CODE, 0x1000, memory, Optional.empty(), Optional.empty());
    CpuContext wild =
        CpuContext.unknown(Arch.X86)
            .with(Register.RIP, CODE + 0x41)
            .with(Register.RSP, STACK + 0x100)
            .with(Register.RBP, 0xdead_0000L);
    StackRequest request =
        new StackRequest(
            OptionalLong.empty(),
            new StackRequest.Area("thread", STACK, STACK + STACK_BYTES),
            List.of(),
            List.of(wild),
            OptionalLong.empty(),
            OptionalLong.empty(),
            false,
            Optional.empty(),
            false,
            new StackRequest.Hints(List.of(STACK + RECORD), Optional.empty()));
    return Reconstructor.of(memory, new CodeSpace(Arch.X86, memory, List.of(image)))
        .rebuild(request);
  }

  private static List<Long> slots(RebuiltStack stack) {
    return stack.frames().stream()
        .filter(f -> f.slot().isPresent())
        .map(f -> f.slot().getAsLong() - STACK)
        .toList();
  }

  @Test
  void theRecordLeadsToTheFrameWhereEbpIsWild() {
    RebuiltStack stack = rebuild(true);
    assertEquals(List.of(0x104L, (long) TRUE_SLOT), slots(stack));
    List<String> evidence =
        stack.frames().getLast().evidence().stream().map(Evidence::name).toList();
    assertTrue(evidence.contains("exception-chain"), evidence.toString());
    assertEquals(Trust.EXACT, stack.frames().getLast().trust());
  }

  @Test
  void withoutTheRecordResidueIsAsGood() {
    assertEquals(List.of(0x104L, (long) STALE_SLOT), slots(rebuild(false)).subList(0, 2));
  }

  @Test
  void recordsOfRealCodeBelongToLiveFramesOnly() throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus/train-x86-seh");
    Assumptions.assumeTrue(corpus.isPresent(), "needs ../shared/corpus");
    CorpusCase c = CorpusCase.open(corpus.get(), CorpusCase.Condition.IMAGES);
    RebuiltStack stack = c.reconstructor().rebuild(c.request());
    // Each call of the one function with __try is one frame further in than its return address.
    List<Long> guarded =
        c.truth.frames.stream()
            .filter(f -> f.symbol().startsWith("ternfs!TnGuardedCall+"))
            .map(Truth.Frame::slot)
            .sorted()
            .toList();
    List<Long> found =
        stack.frames().stream()
            .filter(f -> f.evidence().stream().anyMatch(e -> e.name().startsWith("exception-")))
            .map(f -> f.slot().orElseThrow())
            .sorted()
            .toList();
    assertTrue(guarded.size() >= 5, guarded.toString());
    assertEquals(guarded, found);
  }
}
