// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * A shadow stack beside real stacks. No dump with one is at hand: it is written here from the
 * corpus' record of all calls, in the layout of Intel's manual.
 */
class ShadowStackTest {
  private static final long SHADOW = 0xffff_f900_0000_0000L;

  private static CorpusCase open() throws IOException {
    Optional<Path> folder = SharedFolder.find("corpus/train-x64-trashed");
    Assumptions.assumeTrue(folder.isPresent(), "needs ../shared/corpus");
    return CorpusCase.open(folder.get(), CorpusCase.Condition.IMAGES);
  }

  /** What the processor would have kept; below it what older calls left. */
  private static byte[] words(Truth truth) {
    List<Long> words = new ArrayList<>(List.of(0L, truth.frames.getLast().word(), 0L));
    for (Truth.Frame f : truth.frames) {
      if (f.stack().equals("user")) {
        break;
      }
      if (!f.kind().equals("call")) {
        words.add(SHADOW + 8L * words.size() + 24);
        words.add(f.word());
        words.add(0x10L);
      } else {
        words.add(f.word());
      }
    }
    ByteBuffer b = ByteBuffer.allocate(8 * words.size()).order(ByteOrder.LITTLE_ENDIAN);
    words.forEach(b::putLong);
    return b.array();
  }

  private static RebuiltStack rebuild(CorpusCase c, boolean shadow) {
    byte[] words = words(c.truth);
    BlockMemory extra =
        new BlockMemory(
            List.of(BlockMemory.Block.of(SHADOW, Bytes.of("shadow", words))),
            new Unreadable.NoBlock());
    StackRequest r = c.request();
    StackRequest request =
        new StackRequest(
            r.thread(),
            r.stack(),
            r.others(),
            r.contexts(),
            r.initialStack(),
            r.trapFrame(),
            r.free(),
            r.bugCheck(),
            r.leaveHandlerStack(),
            shadow
                ? new StackRequest.Hints(
                    List.of(),
                    Optional.of(new StackRequest.Area("shadow", SHADOW, SHADOW + words.length)))
                : StackRequest.Hints.NONE);
    return Reconstructor.of(new Both(extra, c.target.memory()), c.space).rebuild(request);
  }

  @Test
  void itSaysWhatOverwrittenReturnAddressesWere() throws IOException {
    CorpusCase c = open();
    Truth.Score without = c.score(rebuild(c, false));
    RebuiltStack stack = rebuild(c, true);
    Truth.Score with = c.score(stack);
    assertTrue(without.wrong() > 0, "the case has a false frame without it");
    assertEquals(List.of(), with.errors());
    assertTrue(with.chain());
    List<RebuiltFrame> restored =
        stack.frames().stream()
            .filter(f -> f.evidence().stream().anyMatch(e -> e.name().equals("shadow-return")))
            .toList();
    assertEquals(2, restored.size());
    for (RebuiltFrame f : restored) {
      Truth.Frame lost =
          c.truth.frames.stream()
              .filter(t -> t.slot() == f.slot().orElseThrow())
              .findFirst()
              .orElseThrow();
      assertFalse(lost.intact());
      // One was called from two places of one function: nothing says from which, and it is marked.
      assertEquals(
          c.space.functionAt(lost.word()).orElseThrow().start(),
          c.space.functionAt(f.ip()).orElseThrow().start());
      assertTrue(f.ip() == lost.word() || f.trust() == Trust.SEARCH, f.trust().toString());
    }
  }

  @Test
  void itConfirmsTheOthers() throws IOException {
    CorpusCase c = open();
    long confirmed =
        rebuild(c, true).frames().stream()
            .filter(f -> f.evidence().stream().anyMatch(e -> e.name().equals("shadow-stack")))
            .count();
    assertTrue(confirmed > 100, confirmed + " frames");
  }

  private record Both(Memory first, Memory second) implements Memory {
    @Override
    public int read(long address, byte[] target, int at, int length) {
      int got = first.read(address, target, at, length);
      return got > 0 ? got : second.read(address, target, at, length);
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return second.whyUnreadable(address);
    }
  }
}
