// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.jkd.target.KernelTarget;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference case from the dump alone: no symbols, no images, and damaged on purpose. */
class ReferenceCaseTest {
  private static final long START = 0xb8ae6100L;

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // set before the first test
  private static KernelTarget target;

  private static final List<Row> ROWS = new ArrayList<>();

  /** A row of the article's listing: the slot of its return address is behind ChildEBP. */
  private record Row(long childEbp, long returnAddress, String symbol) {
    long slot() {
      return childEbp + 4;
    }
  }

  @BeforeAll
  static void write() throws IOException {
    Optional<Path> listing = SharedFolder.find("case/frames.tsv");
    Assumptions.assumeTrue(listing.isPresent(), "needs ../shared/case");
    ReferenceCase.writeTo(folder);
    target = KernelTarget.open(folder.resolve(ReferenceCase.COMPLETE));
    for (String line : Files.readAllLines(listing.get()).subList(1, 119)) {
      String[] cells = line.split("\t", -1);
      ROWS.add(new Row(Long.parseLong(cells[1], 16), Long.parseLong(cells[2], 16), cells[3]));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyRowOfTheArticleIsFound(boolean free) {
    RebuiltStack stack = rebuild(target.memory(), free);
    assertEquals(List.of(), missing(stack, Set.of()));
    assertTrue(stack.frames().size() <= ROWS.size() + 1, "more frames than rows");
    assertTrue(stack.frames().stream().noneMatch(f -> f.trust() == Trust.SEARCH && f.index() > 0));
  }

  @Test
  void theDecoyIsNoFrame() {
    RebuiltStack stack = rebuild(target.memory(), true);
    long decoy = 0xb8ae6120L;
    assertTrue(stack.frames().stream().noneMatch(f -> f.slot().equals(OptionalLong.of(decoy + 4))));
    List<String> why = reconstructor(target.memory()).explain(stack, decoy);
    assertTrue(why.stream().anyMatch(line -> line.contains("a chain of 1 link")), why::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 20})
  void destroyedLinksDoNotMatter(int count) {
    Random random = new Random(count);
    Map<Long, Byte> damage = new HashMap<>();
    for (int i = 0; i < count; i++) {
      long link = ROWS.get(random.nextInt(ROWS.size() - 1)).childEbp();
      for (int b = 0; b < 4; b++) {
        damage.put(link + b, (byte) random.nextInt());
      }
    }
    Set<Long> lost = new HashSet<>();
    ROWS.stream()
        .map(Row::slot)
        .filter(s -> damage.containsKey(s) || damage.containsKey(s + 3))
        .forEach(lost::add);
    RebuiltStack stack = rebuild(new Damaged(target.memory(), damage), true);
    assertEquals(List.of(), missing(stack, lost));
  }

  @Test
  void theFirstBytesMayBeGone() {
    Map<Long, Byte> damage = new HashMap<>();
    for (long at = START - 0x100; at < START; at++) {
      damage.put(at, (byte) 0);
    }
    RebuiltStack stack = rebuild(new Damaged(target.memory(), damage), true);
    // What names the first row's function lay below; its return address is still there.
    assertEquals(List.of(), missing(stack, Set.of(START + 4)));
    assertEquals(OptionalLong.of(START + 4), stack.frames().getFirst().slot());
  }

  @Test
  void everyWordIsSaidToBeSomething() {
    RebuiltStack stack = rebuild(target.memory(), false);
    List<WordNote> words = reconstructor(target.memory()).words(stack);
    assertEquals((stack.stackBase() - stack.stackLimit()) / 4, words.size());
    long returns = words.stream().filter(w -> w.kind() == WordNote.Kind.RETURN).count();
    assertTrue(returns > 110, "only " + returns + " return addresses are called so");
    assertTrue(words.stream().anyMatch(w -> w.kind() == WordNote.Kind.RESIDUE));
    assertTrue(words.stream().anyMatch(w -> w.text().endsWith("DbgArgMark")));
  }

  @Test
  void framesAndGapsAccountForEveryByte() {
    RebuiltStack stack = rebuild(target.memory(), false);
    long gaps = stack.gaps().stream().mapToLong(Gap::bytes).sum();
    long sp = Math.max(stack.stackPointer().orElseThrow(), stack.stackLimit());
    long below = stack.stackPointer().orElseThrow() - sp;
    assertEquals(stack.stackBase() - sp, stack.attributed() + gaps + below);
  }

  /** The rows whose return address lies in no reported slot. */
  private static List<String> missing(RebuiltStack stack, Set<Long> lost) {
    Set<List<Long>> found = new HashSet<>();
    for (RebuiltFrame f : stack.frames()) {
      if (f.childEbp().isPresent() && f.returnAddress().isPresent()) {
        found.add(List.of(f.childEbp().getAsLong(), f.returnAddress().getAsLong()));
      }
    }
    return ROWS.stream()
        .limit(ROWS.size() - 1)
        .filter(r -> !lost.contains(r.slot()))
        .filter(r -> !found.contains(List.of(r.childEbp(), r.returnAddress())))
        .map(r -> Long.toHexString(r.childEbp()) + " " + r.symbol())
        .toList();
  }

  private static Reconstructor reconstructor(Memory memory) {
    List<CodeImage> images =
        target.modules().stream()
            .map(m ->
                new CodeImage(
                    m.name(),
                    target.arch(),
                    m.base(),
                    m.size(),
                    memory,
                    Optional.empty(),
                    Optional.empty()))
            .toList();
    return Reconstructor.of(memory, new CodeSpace(target.arch(), memory, images));
  }

  private static RebuiltStack rebuild(Memory memory, boolean free) {
    return reconstructor(memory).rebuild(KernelRequests.crash(target, free).orElseThrow());
  }

  /** Memory of which some bytes were overwritten. */
  private record Damaged(Memory memory, Map<Long, Byte> damage) implements Memory {
    @Override
    public int read(long address, byte[] bytes, int at, int length) {
      int got = memory.read(address, bytes, at, length);
      for (int i = 0; i < got; i++) {
        Byte other = damage.get(address + i);
        if (other != null) {
          bytes[at + i] = other;
        }
      }
      return got;
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return memory.whyUnreadable(address);
    }
  }
}
