// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.jkd.cpu.Arch;
import org.jkd.sample.Json;
import org.jspecify.annotations.Nullable;

/**
 * The truth of a corpus case, and the score of an answer against it, counted as score.py counts.
 */
final class Truth {
  final String name;
  final Arch arch;
  final Json json;
  final long stackBase;
  final long stackLimit;
  final long threadBase;
  final long threadLimit;
  final List<Frame> frames = new ArrayList<>();

  record Frame(long slot, long word, String kind, String stack, boolean intact, String symbol) {}

  private Truth(Json json, String name) {
    this.json = json;
    this.name = name;
    this.arch = "x86".equals(json.get("arch").text()) ? Arch.X86 : Arch.X64;
    Json stack = json.get("stack");
    stackBase = stack.get("base").number();
    stackLimit = stack.get("limit").number();
    Json thread = json.get("thread");
    threadBase = thread.get("stack_base").number();
    threadLimit = thread.get("stack_limit").number();
    for (Json f : json.get("frames").list()) {
      frames.add(
          new Frame(
              f.get("slot").number(),
              f.get("return").number(),
              f.get("kind").text(),
              f.get("stack").text(),
              f.get("slot_intact").isTrue(),
              f.get("symbol").optionalText().orElse("?")
                  + " -> "
                  + f.get("return_symbol").optionalText().orElse("?")));
    }
  }

  static Truth read(Path folder) throws IOException {
    return new Truth(Json.of(folder.resolve("truth.json")), folder.getFileName().toString());
  }

  /** The stack pointer at the fault, as it should have been. */
  long sp() {
    Json fault = json.get("fault");
    Json trueSp = fault.get("true_sp");
    return (trueSp.isNull() ? fault.get("sp") : trueSp).number();
  }

  /** What an answer is worth. */
  record Score(
      String name,
      int wanted,
      int hit,
      int wrong,
      boolean chain,
      double bytes,
      Map<Trust, int[]> trust,
      List<String> errors) {
    double recall() {
      return wanted == 0 ? 0 : (double) hit / wanted;
    }

    double precision() {
      return hit + wrong == 0 ? 0 : (double) hit / (hit + wrong);
    }
  }

  /** A reported slot. */
  record Reported(long slot, long ip, Trust trust) {}

  static List<Reported> reported(RebuiltStack stack) {
    List<Reported> list = new ArrayList<>();
    for (RebuiltFrame f : stack.frames()) {
      if (f.slot().isPresent()) {
        list.add(new Reported(f.slot().getAsLong(), f.ip(), f.trust()));
      }
    }
    return list;
  }

  /**
   * @param captured slots that the dump holds at all
   */
  Score score(List<Reported> answer, LongPredicate captured) {
    boolean x86 = arch == Arch.X86;
    Map<Long, Long> want = new LinkedHashMap<>();
    Map<Long, Long> lost = new HashMap<>();
    Map<Long, String> what = new HashMap<>();
    for (Frame f : frames) {
      if (f.stack().equals("user") || !captured.test(f.slot())) {
        continue;
      }
      (f.intact() ? want : lost).put(f.slot(), f.word());
      what.put(f.slot(), f.symbol());
    }
    Set<Long> seen = new TreeSet<>();
    Map<Trust, int[]> trust = new TreeMap<>();
    List<String> errors = new ArrayList<>();
    int hit = 0;
    int wrong = 0;
    for (Reported r : answer) {
      boolean kernel =
          x86 ? r.slot() >= 0x8000_0000L : Long.compareUnsigned(r.slot(), 1L << 47) >= 0;
      if (!kernel || !seen.add(r.slot())) {
        continue;
      }
      boolean right = same(want.get(r.slot()), r.ip());
      boolean rightLost = same(lost.get(r.slot()), r.ip());
      if (right) {
        hit++;
      } else if (!rightLost && !lost.containsKey(r.slot())) {
        wrong++;
        errors.add(
            "false "
                + Long.toHexString(r.slot())
                + " "
                + Long.toHexString(r.ip())
                + " "
                + r.trust().text());
      }
      int[] t = trust.computeIfAbsent(r.trust(), x -> new int[2]);
      t[0] += right || rightLost ? 1 : 0;
      t[1]++;
    }
    for (Map.Entry<Long, Long> w : want.entrySet()) {
      if (answer.stream().noneMatch(r -> r.slot() == w.getKey() && r.ip() == w.getValue())) {
        errors.add(
            "missed "
                + Long.toHexString(w.getKey())
                + " "
                + Long.toHexString(w.getValue())
                + " "
                + what.get(w.getKey()));
      }
    }
    return new Score(
        name,
        want.size(),
        hit,
        wrong,
        hit == want.size() && wrong == 0,
        bytesError(answer),
        trust,
        errors);
  }

  private static boolean same(@Nullable Long a, long b) {
    return a != null && a == b;
  }

  private double bytesError(List<Reported> answer) {
    long low = stackLimit - 0x4000;
    int width = arch.pointerSize();
    long sp = sp();
    long ip = json.get("fault").get("ip").number();
    boolean have = between(sp, low, stackBase + 1);
    long previous = sp;
    Map<String, Long> got = new HashMap<>();
    for (Reported r : answer) {
      if (!between(r.slot(), low, stackBase)) {
        ip = r.ip();
        continue;
      }
      if (have && Long.compareUnsigned(r.slot() + width, previous) > 0) {
        got.merge(module(ip), r.slot() + width - previous, Long::sum);
      }
      have = true;
      previous = r.slot() + width;
      ip = r.ip();
    }
    Json totals = json.get("totals");
    Set<String> all = new TreeSet<>(got.keySet());
    all.addAll(totals.names());
    double off = 0;
    double sum = 0;
    for (String m : all) {
      double t = totals.get(m).isNull() ? 0 : totals.get(m).number();
      off += Math.abs(got.getOrDefault(m, 0L) - t);
      sum += t;
    }
    return off / (sum == 0 ? 1 : sum);
  }

  private static boolean between(long value, long from, long to) {
    return Long.compareUnsigned(value, from) >= 0 && Long.compareUnsigned(value, to) < 0;
  }

  private String module(long ip) {
    for (Json m : json.get("modules").list()) {
      long base = m.get("base").number();
      if (between(ip, base, base + m.get("size").number())) {
        return m.get("name").text();
      }
    }
    return "?";
  }
}
