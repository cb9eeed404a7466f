// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Prints the table of all corpus cases: {@code CorpusBench CORPUS [conditions] [case pattern]
 * [-v]}. The figures of docs/reconstruction.md come from here.
 */
final class CorpusBench {
  private CorpusBench() {}

  public static void main(String[] args) throws IOException {
    String letters = args.length > 1 ? args[1] : "abcdef";
    String pattern = args.length > 2 ? args[2] : "";
    boolean verbose = args.length > 3;
    Map<Trust, int[]> trust = new TreeMap<>();
    List<Path> cases;
    try (Stream<Path> list = Files.list(Path.of(args[0]))) {
      cases = list.filter(Files::isDirectory).sorted().toList();
    }
    for (CorpusCase.Condition condition : CorpusCase.Condition.values()) {
      if (letters.indexOf(condition.letter()) < 0) {
        continue;
      }
      List<Truth.Score> scores = new ArrayList<>();
      for (Path folder : cases) {
        if (!folder.getFileName().toString().contains(pattern)) {
          continue;
        }
        scores.add(one(folder, condition, verbose));
      }
      for (String arch : List.of("-x86-", "-x64-")) {
        means(condition, arch, scores);
      }
      scores.forEach(s ->
          s.trust()
              .forEach((t, n) -> {
                int[] sum = trust.computeIfAbsent(t, x -> new int[2]);
                sum[0] += n[0];
                sum[1] += n[1];
              }));
    }
    trust.forEach((t, n) ->
        System.out.printf("trust %s: %d of %d %.4f%n", t.text(), n[0], n[1], (double) n[0] / n[1]));
  }

  private static void means(CorpusCase.Condition condition, String arch, List<Truth.Score> scores) {
    List<Truth.Score> part = scores.stream().filter(s -> s.name().contains(arch)).toList();
    if (part.isEmpty()) {
      return;
    }
    System.out.printf(
        "(%c) %s: %d cases, recall %.4f, precision %.4f, chains %d, bytes off %.2f%%%n",
        condition.letter(),
        arch.replace("-", ""),
        part.size(),
        part.stream().mapToDouble(Truth.Score::recall).average().orElse(0),
        part.stream().mapToDouble(Truth.Score::precision).average().orElse(0),
        part.stream().filter(Truth.Score::chain).count(),
        100 * part.stream().mapToDouble(Truth.Score::bytes).average().orElse(0));
  }

  private static Truth.Score one(Path folder, CorpusCase.Condition condition, boolean verbose)
      throws IOException {
    long start = System.nanoTime();
    CorpusCase c = CorpusCase.open(folder, condition);
    long opened = System.nanoTime();
    Reconstructor reconstructor = c.reconstructor();
    StackRequest request = c.request();
    RebuiltStack stack = reconstructor.rebuild(request);
    long cold = System.nanoTime();
    reconstructor.rebuild(request);
    long warm = System.nanoTime();
    Truth.Score score = c.score(stack);
    System.out.printf(
        "(%c) %-20s true %3d hit %3d false %2d recall %.3f precision %.3f %-5s bytes off %5.1f%%"
            + "  open %d cold %d warm %d ms%n",
        condition.letter(),
        score.name(),
        score.wanted(),
        score.hit(),
        score.wrong(),
        score.recall(),
        score.precision(),
        score.chain() ? "chain" : "",
        100 * score.bytes(),
        (opened - start) / 1_000_000,
        (cold - opened) / 1_000_000,
        (warm - cold) / 1_000_000);
    if (verbose) {
      show(stack, score);
    }
    return score;
  }

  private static void show(RebuiltStack stack, Truth.Score score) {
    score.errors().forEach(e -> System.out.println("    " + e));
    stack.notes().forEach(n -> System.out.println("    note " + n));
    for (RebuiltFrame f : stack.frames()) {
      System.out.printf(
          "  %3d %s %s %s %s %.0f/%.0f %s%n",
          f.index(),
          f.slot().isPresent() ? Long.toHexString(f.slot().getAsLong()) : "-",
          f.symbol(),
          f.kind().text(),
          f.trust().text(),
          f.score(),
          f.margin(),
          f.evidence().stream().map(Evidence::name).toList());
    }
    for (Gap g : stack.gaps()) {
      System.out.printf("  gap %x %x %s%n", g.from(), g.to(), g.reason());
    }
    stack.cycles().forEach(c -> System.out.println("  " + c));
  }
}
