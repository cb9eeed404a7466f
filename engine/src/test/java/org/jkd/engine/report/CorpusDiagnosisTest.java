// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.diagnosis.Buckets;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.diagnosis.OverflowVerdict.Outcome;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.sample.Json;
import org.jkd.sample.SharedFolder;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The verdict on every case of the corpus agrees with what really happened, and so do the bytes of
 * every module.
 */
class CorpusDiagnosisTest {
  private static final Map<String, StackReport> REPORTS = new HashMap<>();

  private static Stream<Path> cases() throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus");
    if (corpus.isEmpty()) {
      return Stream.empty();
    }
    try (Stream<Path> folders = Files.list(corpus.get())) {
      return folders.filter(c -> Files.exists(c.resolve("truth.json"))).sorted().toList().stream();
    }
  }

  @TestFactory
  Stream<DynamicTest> the_verdict_is_the_truth() throws IOException {
    assumeTrue(SharedFolder.find("corpus").isPresent(), "needs ../shared/corpus");
    return cases()
        .map(c -> DynamicTest.dynamicTest(String.valueOf(c.getFileName()), () -> check(c)));
  }

  /** A small dump lacks much; what it says must not contradict the truth. */
  @TestFactory
  Stream<DynamicTest> the_small_dump_does_not_deny_it() throws IOException {
    return cases()
        .map(c ->
            DynamicTest.dynamicTest(
                String.valueOf(c.getFileName()),
                () -> {
                  String verdict = Json.of(c.resolve("truth.json")).get("verdict").text();
                  OverflowVerdict said = report(c, "MINI.DMP").verdict();
                  assertThat(said.outcome())
                      .as(said.toString())
                      .isIn(
                          verdict.contains("not an overflow")
                              ? List.of(Outcome.NOT_AN_OVERFLOW, Outcome.UNDECIDABLE)
                              : List.of(Outcome.PROVEN, Outcome.LIKELY, Outcome.UNDECIDABLE));
                }));
  }

  /**
   * Crashes of one product and cause fall together and others apart, whatever the architecture, the
   * symbols that are missing, and the place where the stack happened to end; a dump with symbols
   * and images together with the same dump without any. The adjusted Rand index is 1 for equal
   * partitions and 0 for chance.
   */
  @Test
  void the_buckets_are_products_and_causes() throws IOException {
    Map<String, Set<String>> makers = makers();
    List<String> truths = new ArrayList<>();
    List<String> buckets = new ArrayList<>();
    for (Path folder : cases().toList()) {
      String truth = cause(Json.of(folder.resolve("truth.json")), makers);
      for (String dump : List.of("KERNEL.DMP", "MEMORY.DMP")) {
        if (Files.exists(folder.resolve(dump))) {
          truths.add(truth);
          buckets.add(bucket(report(folder, dump)));
          truths.add(truth);
          buckets.add(bucket(report(folder.resolve(dump), "", "")));
        }
      }
    }
    assumeTrue(!truths.isEmpty(), "needs ../shared/corpus");
    assertThat(new HashSet<>(truths)).hasSizeGreaterThan(5);
    assertThat(adjustedRandIndex(truths, buckets)).as(buckets.toString()).isGreaterThan(0.99);
    assertThat(adjustedRandIndex(truths, truths.reversed())).isLessThan(0.5);
  }

  /**
   * Small dumps hold the inner part of a stack and hardly any code, so that a few keep a bucket of
   * their own; most fall together with the kernel dumps of the same crash, also where neither
   * symbols nor images are at hand and only the words of the stack speak.
   */
  @Test
  void small_dumps_fall_together_with_kernel_dumps() throws IOException {
    Map<String, Set<String>> makers = makers();
    List<String> truths = new ArrayList<>();
    List<String> known = new ArrayList<>();
    List<String> bare = new ArrayList<>();
    List<String> kernel = new ArrayList<>();
    for (Path folder : cases().toList()) {
      truths.add(cause(Json.of(folder.resolve("truth.json")), makers));
      known.add(bucket(report(folder, "MINI.DMP")));
      bare.add(bucket(report(folder.resolve("MINI.DMP"), "", "")));
      kernel.add(bucket(report(folder, "KERNEL.DMP")));
    }
    assumeTrue(!truths.isEmpty(), "needs ../shared/corpus");
    assertThat(adjustedRandIndex(truths, known)).as(known.toString()).isGreaterThan(0.9);
    assertThat(adjustedRandIndex(truths, bare)).as(bare.toString()).isGreaterThan(0.8);
    List<String> all = new ArrayList<>(kernel);
    all.addAll(bare);
    truths.addAll(List.copyOf(truths));
    assertThat(adjustedRandIndex(truths, all)).as(all.toString()).isGreaterThan(0.88);
  }

  /** What rows of triage are counted by. */
  private static String bucket(StackReport report) {
    Buckets keys = report.buckets();
    return keys.overflow().isEmpty() ? keys.failure() : keys.overflow();
  }

  /**
   * The product of each module that belongs to one: the truth lists modules and products of every
   * case, and only one product is listed wherever a module is.
   */
  private static Map<String, Set<String>> makers() throws IOException {
    Map<String, Set<String>> makers = new HashMap<>();
    for (Path folder : cases().toList()) {
      Json truth = Json.of(folder.resolve("truth.json"));
      Set<String> products = new HashSet<>();
      truth.get("products").list().forEach(p -> products.add(p.text()));
      for (Json module : truth.get("modules").list()) {
        if (module.get("role").text().equals("product")) {
          makers
              .computeIfAbsent(module.get("name").text(), n -> new HashSet<>(products))
              .retainAll(products);
        }
      }
    }
    return makers;
  }

  /**
   * The product with most bytes and what happened: the verdict where it is no overflow, else
   * whether the kernel was entered again while it worked.
   */
  private static String cause(Json truth, Map<String, Set<String>> makers) {
    Map<String, Long> bytes = new TreeMap<>();
    for (Json module : truth.get("modules").list()) {
      String name = module.get("name").text();
      Json total = truth.get("totals").get(name);
      if (makers.containsKey(name) && !total.isNull()) {
        Set<String> maker = Objects.requireNonNull(makers.get(name));
        assertThat(maker).as("product of " + name).hasSize(1);
        bytes.merge(maker.iterator().next(), total.number(), Long::sum);
      }
    }
    String most = Collections.max(bytes.entrySet(), Map.Entry.comparingByValue()).getKey();
    String verdict = truth.get("verdict").text();
    long services =
        truth.get("frames").list().stream()
            .filter(f -> f.get("kind").text().equals("syscall"))
            .count();
    return verdict.contains("not an overflow")
        ? most + " " + verdict.replaceAll("\\(.*?\\)", "")
        : most + (services > 1 ? " enters" : " nests");
  }

  private static double adjustedRandIndex(List<String> a, List<String> b) {
    Map<String, Integer> pairs = new TreeMap<>();
    Map<String, Integer> first = new TreeMap<>();
    Map<String, Integer> second = new TreeMap<>();
    for (int i = 0; i < a.size(); i++) {
      pairs.merge(a.get(i) + "|" + b.get(i), 1, Integer::sum);
      first.merge(a.get(i), 1, Integer::sum);
      second.merge(b.get(i), 1, Integer::sum);
    }
    double together = twos(pairs);
    double expected = twos(first) * twos(second) / (a.size() * (a.size() - 1) / 2.0);
    double most = (twos(first) + twos(second)) / 2;
    return (together - expected) / (most - expected);
  }

  private static double twos(Map<String, Integer> counts) {
    return counts.values().stream().mapToDouble(n -> n * (n - 1) / 2.0).sum();
  }

  private static StackReport report(Path folder, String dump) throws IOException {
    StackReport known = REPORTS.get(folder + dump);
    if (known == null) {
      String symbols = folder.resolve("symbols").toString();
      known = report(folder.resolve(dump), symbols, folder.resolve("images").toString());
      REPORTS.put(folder + dump, known);
    }
    return known;
  }

  private static StackReport report(Path dump, String symbols, String images) throws IOException {
    Debuggee debuggee = Debuggee.open(dump, symbols, images);
    return CrashReports.of(debuggee, debuggee.kernel().orElseThrow());
  }

  private static void check(Path folder) throws IOException {
    Json truth = Json.of(folder.resolve("truth.json"));
    String verdict = truth.get("verdict").text();
    StackReport report = report(folder, "KERNEL.DMP");
    assertThat(report.verdict().cause())
        .as(verdict + " / " + report.verdict())
        .isEqualTo(expected(verdict));
    assertThat(report.verdict().isOverflow()).isEqualTo(!verdict.contains("not an overflow"));
    checkTotals(report, truth);
    if (intact(truth)) {
      assertThat(exact(report, truth)).isTrue();
      checkModules(report, truth);
    } else {
      // Frames that the crash itself destroyed cannot be charged; they must show as unattributed.
      assertThat(report.usage().attributed())
          .isLessThanOrEqualTo(truth.get("stack").get("accounted").number());
    }
  }

  /** What there is to explain is what the truth says: from the stack pointer to the base. */
  private static void checkTotals(StackReport report, Json truth) {
    StackUsage usage = report.usage();
    assertThat(usage.attributed() + usage.unattributed()).isEqualTo(usage.size());
    assertThat(usage.unattributed()).isNotNegative();
    long base = address(truth.get("stack").get("base").text());
    assertThat(report.stack().stackBase()).isEqualTo(base);
    long sp = report.stack().stackPointer().orElseThrow();
    assertThat(base - usage.size()).isEqualTo(sp);
    assertThat(usage.modules().stream().mapToLong(StackUsage.Row::bytes).sum())
        .isEqualTo(usage.attributed());
    assertThat(usage.functions().stream().mapToLong(StackUsage.Row::bytes).sum())
        .isEqualTo(usage.attributed());
  }

  private static boolean intact(Json truth) {
    return truth.get("frames").list().stream().allMatch(f -> f.get("slot_intact").isTrue());
  }

  /** True when every frame of the stack that the case is about was found where it was. */
  private static boolean exact(StackReport report, Json truth) {
    String stack = truth.get("stack").get("name").text();
    Set<Long> found = new HashSet<>();
    report.stack().frames().forEach(f -> f.slot().ifPresent(found::add));
    return truth.get("frames").list().stream()
        .filter(f -> f.get("stack").text().equals(stack))
        .allMatch(f -> found.contains(address(f.get("slot").text())));
  }

  /**
   * The bytes of each module. The truth counts a machine frame without the words that align it, and
   * leaves out the innermost frame where the pointer is wrong or another stack's; both are within
   * the percent.
   */
  private static void checkModules(StackReport report, Json truth) {
    Json totals = truth.get("totals");
    boolean innermost = !truth.get("frames").list().getFirst().get("bytes").isNull();
    RebuiltFrame first = report.stack().frames().getFirst();
    for (StackUsage.Row row : report.usage().modules()) {
      long uncounted = !innermost && first.module().equals(row.name()) ? first.bytes() : 0;
      long expected = totals.get(row.name()).number() + uncounted;
      assertThat((double) row.bytes())
          .as(row.name())
          .isCloseTo(expected, Offset.offset(expected / 100.0));
    }
    assertThat(report.usage().modules().stream().map(StackUsage.Row::name))
        .containsExactlyInAnyOrderElementsOf(totals.names());
  }

  private static long address(String text) {
    return Long.parseUnsignedLong(text.substring(2), 16);
  }

  private static OverflowVerdict.Cause expected(String truth) {
    if (truth.contains("stack pointer error")) {
      return OverflowVerdict.Cause.BIT_FLIP;
    }
    if (truth.contains("write below the stack")) {
      return OverflowVerdict.Cause.WRITE_BELOW_STACK;
    }
    return truth.contains("noticed by")
        ? OverflowVerdict.Cause.PANIC_SWITCH
        : OverflowVerdict.Cause.STACK_EXHAUSTED;
  }
}
