// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.TaskState;
import org.jkd.cpu.TrapFrame;
import org.jkd.sample.SharedFolder;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.symbols.SymbolSet;
import org.jkd.target.KernelTarget;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Walks of the corpus, with symbols and images, against the true stacks, counted as the corpus's
 * score.py counts. A walk as kd's is expected to fail where functions have neither a frame nor a
 * record; it must never fail on x64, or where every function keeps EBP.
 */
class CorpusWalkTest {
  private static final int PANIC_STACK_SWITCH = 0x2b;
  private static final int UNEXPECTED_KERNEL_MODE_TRAP = 0x7f;
  private static final int KERNEL_TASK = 0x28;

  private static final Pattern FRAME =
      Pattern.compile(
          "\\{\\s*\"slot\": \"0x(\\w+)\",\\s*\"return\": \"0x(\\w+)\",\\s*\"kind\": \"\\w+\","
              + "\\s*\"stack\": \"([^\"]+)\".*?\"slot_intact\": (\\w+),\\s*\"kf\": \\{"
              + "\\s*\"memory\": (null|\"\\w+\"),\\s*\"child\": (null|\"\\w+\")",
          Pattern.DOTALL);

  private static final Map<String, Score> SCORES = new HashMap<>();

  /**
   * How a walk compares.
   *
   * @param rows frames found whose ChildEBP or Child-SP is the one that the truth expects
   */
  private record Score(int want, int hit, int wrong, int rows, int rowsWrong) {
    double recall() {
      return (double) hit / want;
    }
  }

  @BeforeAll
  static void walkAll() throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus");
    Assumptions.assumeTrue(corpus.isPresent(), "needs ../shared/corpus");
    List<Path> cases;
    try (Stream<Path> list = Files.list(corpus.get())) {
      cases = list.filter(Files::isDirectory).sorted().toList();
    }
    for (Path folder : cases) {
      Score s = score(folder);
      SCORES.put(folder.getFileName().toString(), s);
    }
  }

  @Test
  void x64StacksAreComplete() {
    SCORES.forEach((name, s) -> {
      // A flipped bit in RSP leaves nothing to walk.
      if (name.contains("-x64-") && !name.contains("bitflip")) {
        assertEquals(s.want, s.hit, name);
      }
    });
  }

  @Test
  void nothingWrongIsReportedBeforeAnOverwrittenSlot() {
    SCORES.forEach((name, s) -> {
      if (name.contains("-x64-") && !name.contains("trashed")) {
        assertEquals(0, s.wrong, name);
      }
    });
  }

  @Test
  void x86StacksOfFramePointersAreComplete() {
    Score s = SCORES.get("train-x86-ebp");
    assertTrue(s != null && s.hit == s.want && s.wrong == 0);
  }

  @Test
  void walksCrossFromTheDpcStackToTheThread() {
    Score s = SCORES.get("train-x86-dpc");
    assertTrue(s != null && s.recall() > 0.99);
  }

  @Test
  void rowsShowTheBaseThatKdWouldShow() {
    int right = SCORES.values().stream().mapToInt(Score::rows).sum();
    int wrong = SCORES.values().stream().mapToInt(Score::rowsWrong).sum();
    assertTrue(right > 1500 && wrong <= right / 100, right + " right, " + wrong + " wrong");
  }

  private static Score score(Path folder) throws IOException {
    KernelTarget target = KernelTarget.open(folder.resolve("KERNEL.DMP"));
    CallStack stack =
        new StackWalker(
                target.arch(),
                target.memory(),
                CodeMap.of(symbols(target, folder)),
                new KernelStackEnvironment(target, target.currentThread()))
            .walk(start(target), 0x400);
    Map<Long, Frame> bySlot = new HashMap<>();
    for (Frame frame : stack.frames()) {
      if (frame.slot().isPresent() && isKernel(target, frame.slot().getAsLong())) {
        bySlot.putIfAbsent(frame.slot().getAsLong(), frame);
      }
    }
    int want = 0;
    int hit = 0;
    int rows = 0;
    int rowsWrong = 0;
    List<Long> lost = new ArrayList<>();
    Matcher truth = FRAME.matcher(Files.readString(folder.resolve("truth.json")));
    while (truth.find()) {
      if (truth.group(3).equals("user")) {
        continue;
      }
      long slot = Long.parseUnsignedLong(truth.group(1), 16);
      if (truth.group(4).equals("false")) {
        lost.add(slot);
        continue;
      }
      want++;
      Frame found = bySlot.get(slot);
      if (found == null || found.returnAddress() != Long.parseUnsignedLong(truth.group(2), 16)) {
        continue;
      }
      hit++;
      String child = truth.group(6).replace("\"", "");
      if (!child.equals("null")) {
        boolean same = found.base() == Long.parseUnsignedLong(child, 16);
        rows += same ? 1 : 0;
        rowsWrong += same ? 0 : 1;
      }
    }
    int reported = bySlot.size();
    for (long slot : lost) {
      reported -= bySlot.containsKey(slot) ? 1 : 0;
    }
    return new Score(want, hit, reported - hit, rows, rowsWrong);
  }

  private static boolean isKernel(KernelTarget target, long address) {
    long start = target.arch() == Arch.X86 ? 0x8000_0000L : 1L << 47;
    return Long.compareUnsigned(address, start) >= 0;
  }

  /** What an engineer starts from: {@code .tss 28}, or the trap frame that the bug check names. */
  private static CpuContext start(KernelTarget target) {
    long code = target.header().bugCheckCode();
    Optional<CpuContext> context = Optional.empty();
    if (code == PANIC_STACK_SWITCH) {
      long frame = target.header().bugCheckParameters().getFirst();
      context = target.trapFrame(frame).map(TrapFrame::context);
    } else if (code == UNEXPECTED_KERNEL_MODE_TRAP) {
      context = target.taskState(KERNEL_TASK).map(TaskState::context);
    }
    return context.orElse(target.context());
  }

  private static SymbolSet symbols(KernelTarget target, Path folder) {
    SymbolLoader loader =
        new SymbolLoader(
            SymbolPath.parse(folder.resolve("symbols").toString()),
            SymbolPath.parse(folder.resolve("images").toString()),
            List.of(),
            false);
    return new SymbolSet(TargetModules.identities(target), loader);
  }
}
