// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.image.MemoryReader;
import org.jkd.stack.Frame;
import org.jkd.stack.StackEnvironment;
import org.jkd.stack.StackWalker;

/**
 * What simple walkers find on the same stacks, from the registers at the fault: {@code Baselines
 * CORPUS} prints means for docs/reconstruction.md.
 */
final class Baselines {
  private static final int SCAN_WORDS = 40;
  private static final int MAX_FRAMES = 2000;

  private Baselines() {}

  public static void main(String[] args) throws IOException {
    Map<String, List<Truth.Score>> all = new LinkedHashMap<>();
    try (Stream<Path> list = Files.list(Path.of(args[0]))) {
      for (Path folder : list.filter(Files::isDirectory).sorted().toList()) {
        CorpusCase c = CorpusCase.open(folder, CorpusCase.Condition.SYMBOLS_AND_IMAGES);
        CpuContext start = c.request().contexts().getLast();
        add(all, "EBP chain", c, chain(c, start));
        add(all, "scan 40, in a module", c, scan(c, start, a -> c.target.moduleAt(a).isPresent()));
        add(all, "scan 40, call before", c, scan(c, start, c.space::isPrecededByCall));
        add(all, "kd-like walk, crash context", c, walk(c, c.target.context()));
        add(all, "kd-like walk, fault context", c, walk(c, start));
      }
    }
    for (String arch : List.of("-x86-", "-x64-")) {
      all.forEach((name, scores) -> {
        List<Truth.Score> part = scores.stream().filter(s -> s.name().contains(arch)).toList();
        System.out.printf(
            "| %s | %s | %.3f | %.3f | %d |%n",
            arch.replace("-", ""),
            name,
            part.stream().mapToDouble(Truth.Score::recall).average().orElse(0),
            part.stream().mapToDouble(Truth.Score::precision).average().orElse(0),
            part.stream().filter(Truth.Score::chain).count());
      });
    }
  }

  private static void add(
      Map<String, List<Truth.Score>> all, String name, CorpusCase c, List<Truth.Reported> found) {
    all.computeIfAbsent(name, n -> new ArrayList<>()).add(c.truth.score(found, slot -> true));
  }

  private static MemoryReader reader(CorpusCase c) {
    return new MemoryReader(c.target.memory(), c.target.arch().pointerSize());
  }

  private static List<Truth.Reported> chain(CorpusCase c, CpuContext start) {
    List<Truth.Reported> found = new ArrayList<>();
    MemoryReader reader = reader(c);
    int width = c.target.arch().pointerSize();
    long bp = start.bp();
    while (found.size() < MAX_FRAMES) {
      long ip = reader.pointer(bp + width).orElse(0);
      long next = reader.pointer(bp).orElse(0);
      if (ip == 0) {
        break;
      }
      found.add(new Truth.Reported(bp + width, ip, Trust.LINK));
      if (Long.compareUnsigned(next, bp) <= 0) {
        break;
      }
      bp = next;
    }
    return found;
  }

  private static List<Truth.Reported> scan(CorpusCase c, CpuContext start, LongPredicate isReturn) {
    List<Truth.Reported> found = new ArrayList<>();
    MemoryReader reader = reader(c);
    int width = c.target.arch().pointerSize();
    long sp = Math.max(start.sp(), c.truth.threadLimit);
    if (c.target.arch() == Arch.X64) {
      sp =
          Long.compareUnsigned(start.sp(), c.truth.threadLimit) < 0
              ? c.truth.threadLimit
              : start.sp();
    }
    int missed = 0;
    while (found.size() < MAX_FRAMES && missed < SCAN_WORDS) {
      long word = reader.pointer(sp).orElse(0);
      if (isReturn.test(word)) {
        found.add(new Truth.Reported(sp, word, Trust.SEARCH));
        missed = 0;
      } else {
        missed++;
      }
      sp += width;
    }
    return found;
  }

  private static List<Truth.Reported> walk(CorpusCase c, CpuContext start) {
    List<Truth.Reported> found = new ArrayList<>();
    StackWalker walker =
        new StackWalker(
            c.target.arch(), c.target.memory(), new SpaceModules(c.space), StackEnvironment.NONE);
    for (Frame f : walker.walk(start, MAX_FRAMES).frames()) {
      if (f.slot().isPresent()) {
        found.add(new Truth.Reported(f.slot().getAsLong(), f.returnAddress(), Trust.UNWIND));
      }
    }
    return found;
  }
}
