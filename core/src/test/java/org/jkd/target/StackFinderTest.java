// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.dump.Dump;
import org.jkd.dump.DumpFile;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.MemoryReader;
import org.jkd.image.Unreadable;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;

/** Expanded stacks, of which no dump is at hand: their control blocks are written here. */
class StackFinderTest {
  private static final long BASE = 0xffff_f880_0301_0000L;
  private static final long OLD_BASE = 0xffff_f880_0222_c000L;

  /** A core of a 64-bit Windows 7 dump whose memory is nothing but the given block. */
  private static KernelCore core(long address, long... words) throws IOException {
    Optional<Path> file = SharedFolder.find("corpus/train-x64-basic/MINI.DMP");
    assumeTrue(file.isPresent(), "needs ../shared/corpus");
    Dump dump = DumpFile.open(file.orElseThrow());
    ByteBuffer b = ByteBuffer.allocate(words.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      b.putLong(word);
    }
    BlockMemory memory =
        new BlockMemory(
            List.of(BlockMemory.Block.of(address, Bytes.of("stack", b.array()))),
            new Unreadable.NoBlock());
    KernelLayout layout = new KernelLayout(Arch.X64, 7601, Optional.empty(), Layouts.NONE, 0);
    return new KernelCore(dump, Arch.X64, new MemoryReader(memory, 8), Optional.empty(), layout);
  }

  private static List<StackClass> stacks(KernelCore core, long initial) {
    OptionalLong none = OptionalLong.empty();
    KernelThread thread =
        new KernelThread(
            0xffff_fa80_0000_1000L,
            none,
            none,
            none,
            none,
            none,
            OptionalLong.of(initial),
            OptionalLong.of(BASE),
            OptionalLong.of(BASE - 0x6000),
            none,
            none,
            none,
            OptionalInt.empty(),
            OptionalInt.empty(),
            none);
    return new StackFinder(core).ofThread(thread, StackClass.Kind.THREAD, OptionalInt.empty());
  }

  @Test
  void previousSegmentIsFoundInBothLayouts() throws IOException {
    long initial = BASE - 0x250;
    long oldInitial = OLD_BASE - 0x250;
    KernelCore newer =
        core(
            initial,
            BASE,
            BASE - 0x6000 | 1,
            OLD_BASE,
            OLD_BASE - 0x6000,
            OLD_BASE - 0x3000,
            oldInitial);
    assertThat(stacks(newer, initial))
        .extracting(s -> s.kind() + " " + Long.toHexString(s.base()))
        .containsExactly("THREAD fffff88003010000", "EXPANDED fffff8800222c000");

    KernelCore older =
        core(
            initial,
            BASE,
            BASE - 0x6000,
            0,
            initial,
            BASE - 0x6000,
            OLD_BASE,
            OLD_BASE - 0x6000,
            OLD_BASE - 0x3000,
            oldInitial);
    assertThat(stacks(older, initial)).hasSize(2);
    assertThat(stacks(older, initial).getLast().limit()).isEqualTo(OLD_BASE - 0x6000);
  }

  @Test
  void segmentThatIsItsOwnPredecessorEndsTheChain() throws IOException {
    long initial = BASE - 0x250;
    KernelCore core =
        core(initial, BASE, BASE - 0x6000, BASE, BASE - 0x6000, BASE - 0x3000, initial);
    assertThat(stacks(core, initial)).hasSize(1);
  }

  @Test
  void whatCannotBeAStackIsNone() throws IOException {
    long initial = BASE - 0x250;
    KernelCore core = core(initial, BASE, BASE - 0x6000, 0x1234, 0x1000, 0x1100, 0x1200);
    assertThat(stacks(core, initial)).hasSize(1);
  }
}
