// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.jkd.code.CodeImage;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.target.LoadedModule;

/**
 * Damages every corpus case at random and prints what is still found: {@code DamagedBench CORPUS
 * [damages] [case pattern] [seeds] [-v]}. The table "Damaged copies" of docs/reconstruction.md
 * comes from here.
 */
final class DamagedBench {
  private DamagedBench() {}

  /** What is done to a case. */
  enum Damage {
    /** 32 to 512 bytes are overwritten somewhere. */
    OVERWRITTEN,
    /** 64 to 364 bytes from the innermost frame on are overwritten. */
    OVERRUN,
    /** 20 words that look like saved frame pointers are overwritten. */
    LINKS,
    /** One bit of the stack pointer is wrong. */
    STACK_POINTER,
    /** One bit of the frame pointer is wrong, and the instruction pointer unknown. */
    REGISTERS,
    /** One page of the stack is missing. */
    PAGE,
    /** No code of 3 modules other than the kernel is at hand. */
    MODULES,
    /** 12 % of all code pages are missing. */
    CODE_PAGES,
    /** Every 20th function begins with a jump to nowhere: hooks. */
    HOOKS,
    /** Nothing is known of the registers and no image is at hand. */
    FREE_ALONE
  }

  /** Memory of which parts are missing or different. */
  private static final class Overlay implements Memory {
    private final Memory memory;
    private final Set<Long> missing = new HashSet<>();
    private final Map<Long, Byte> bytes = new TreeMap<>();

    Overlay(Memory memory) {
      this.memory = memory;
    }

    @Override
    public int read(long address, byte[] target, int at, int length) {
      int wanted = length;
      for (long page = address & -0x1000; page - address < length; page += 0x1000) {
        if (missing.contains(page)) {
          wanted = (int) Math.max(0, page - address);
          break;
        }
      }
      int got = wanted == 0 ? 0 : memory.read(address, target, at, wanted);
      for (int i = 0; i < got && !bytes.isEmpty(); i++) {
        Byte b = bytes.get(address + i);
        if (b != null) {
          target[at + i] = b;
        }
      }
      return got;
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return memory.whyUnreadable(address);
    }
  }

  public static void main(String[] args) throws IOException {
    String damages = args.length > 1 ? args[1] : "";
    String pattern = args.length > 2 ? args[2] : "";
    int seeds = args.length > 3 ? Integer.parseInt(args[3]) : 2;
    boolean verbose = args.length > 4;
    List<Path> cases;
    try (Stream<Path> list = Files.list(Path.of(args[0]))) {
      cases =
          list.filter(Files::isDirectory)
              .filter(f -> f.getFileName().toString().contains(pattern))
              .sorted()
              .toList();
    }
    Map<Trust, int[]> trust = new TreeMap<>();
    for (Damage damage : Damage.values()) {
      if (!damage.name().startsWith(damages)) {
        continue;
      }
      double[] sum = new double[6];
      for (Path folder : cases) {
        for (int seed = 1; seed <= seeds; seed++) {
          Truth.Score s = one(folder, damage, seed, verbose);
          int k = s.name().contains("-x86-") ? 0 : 3;
          sum[k] += s.wanted() == 0 ? 1 : s.recall();
          sum[k + 1] += s.hit() + s.wrong() == 0 ? 1 : s.precision();
          sum[k + 2]++;
          s.trust()
              .forEach((t, n) -> {
                int[] all = trust.computeIfAbsent(t, x -> new int[2]);
                all[0] += n[0];
                all[1] += n[1];
              });
        }
      }
      System.out.printf(
          "%-13s x86 recall %.3f precision %.3f   x64 recall %.3f precision %.3f%n",
          damage.name(), sum[0] / sum[2], sum[1] / sum[2], sum[3] / sum[5], sum[4] / sum[5]);
    }
    trust.forEach((t, n) ->
        System.out.printf("trust %s: %d of %d %.4f%n", t.text(), n[0], n[1], (double) n[0] / n[1]));
  }

  static Truth.Score one(Path folder, Damage damage, int seed, boolean verbose) throws IOException {
    boolean alone = damage == Damage.CODE_PAGES || damage == Damage.FREE_ALONE;
    CorpusCase c =
        CorpusCase.open(
            folder, alone ? CorpusCase.Condition.DUMP_ALONE : CorpusCase.Condition.IMAGES);
    Random random = new Random(0x9e3779b97f4a7c15L * (seed * 31L + damage.ordinal()));
    Overlay memory = new Overlay(c.target.memory());
    StackRequest request = c.request();
    List<String> without = new ArrayList<>();
    request = damage(c, damage, random, memory, request, without);
    RebuiltStack stack =
        Reconstructor.of(memory, c.space(memory, Set.copyOf(without))).rebuild(request);
    byte[] word = new byte[8];
    int width = c.target.arch().pointerSize();
    byte[] was = new byte[8];
    LongPredicate intact =
        slot ->
            memory.read(slot, word, 0, width) == width
                && c.target.memory().read(slot, was, 0, width) == width
                && java.util.Arrays.equals(word, was);
    Truth.Score score = c.truth.score(Truth.reported(stack), intact);
    if (verbose) {
      System.out.printf(
          "%s %d %s hit %d of %d false %d %s%n",
          damage, seed, score.name(), score.hit(), score.wanted(), score.wrong(), without);
      if (verbose && (score.hit() < score.wanted() || score.wrong() > 0)) {
        score.errors().forEach(e -> System.out.println("    " + e));
      }
    }
    return score;
  }

  private static StackRequest damage(
      CorpusCase c,
      Damage damage,
      Random random,
      Overlay memory,
      StackRequest r,
      List<String> without) {
    long limit = c.truth.stackLimit;
    long base = c.truth.stackBase;
    int width = c.target.arch().pointerSize();
    long sp = c.truth.sp();
    sp = sp - limit > 0 && base - sp > 0 ? sp : limit;
    switch (damage) {
      case OVERWRITTEN -> {
        int bytes = 32 + random.nextInt(481);
        fill(memory, sp + random.nextInt(Math.max(1, (int) (base - sp - 0x800))), bytes, random);
      }
      case OVERRUN -> fill(memory, sp + 8, 64 + random.nextInt(301), random);
      case LINKS -> {
        List<Long> links = new ArrayList<>();
        byte[] b = new byte[8];
        for (long at = sp; at < base; at += width) {
          if (memory.read(at, b, 0, width) == width) {
            long v = c.target.arch().address(little(b, width));
            if (v > at && v < base) {
              links.add(at);
            }
          }
        }
        for (int i = 0; i < 20 && !links.isEmpty(); i++) {
          fill(memory, links.get(random.nextInt(links.size())), width, random);
        }
      }
      case STACK_POINTER -> {
        int bit = 4 + random.nextInt(c.target.arch() == Arch.X86 ? 28 : 36);
        return with(
            r, r.contexts().stream().map(x -> x.with(Register.RSP, x.sp() ^ 1L << bit)).toList());
      }
      case REGISTERS -> {
        return with(
            r,
            r.contexts().stream()
                .map(x -> x.with(Register.RBP, x.bp() ^ 1L << 4 + random.nextInt(20)))
                .map(x -> x.with(Register.RIP, x.ip() ^ 1L << random.nextInt(12)))
                .toList());
      }
      case PAGE ->
          memory.missing.add(
              (sp & -0x1000) + 0x1000L * random.nextInt((int) ((base - sp + 0xfff) >> 12)));
      case MODULES -> {
        List<LoadedModule> modules = new ArrayList<>(c.target.modules());
        java.util.Collections.shuffle(modules, random);
        modules.removeIf(m -> m.name().equals("nt"));
        for (LoadedModule m : modules.subList(0, 3)) {
          without.add(m.name());
          for (long page = m.base(); page < m.base() + m.size(); page += 0x1000) {
            memory.missing.add(page);
          }
        }
      }
      case CODE_PAGES -> {
        for (LoadedModule m : c.target.modules()) {
          for (long page = m.base() + 0x1000; page < m.base() + m.size(); page += 0x1000) {
            if (random.nextInt(100) < 12) {
              memory.missing.add(page);
            }
          }
        }
      }
      case HOOKS -> {
        byte[] two = new byte[2];
        for (CodeImage i : c.space.images()) {
          for (long at = i.base() + 0x1000; at < i.end(); at += 16) {
            boolean start =
                i.isExecutable(at)
                    && i.read(at - 1, two, 0, 2) == 2
                    && two[0] == (byte) 0xcc
                    && two[1] != (byte) 0xcc;
            if (start && random.nextInt(20) == 0) {
              memory.bytes.put(at, (byte) 0xe9);
              fill(memory, at + 1, 4, random);
            }
          }
        }
      }
      case FREE_ALONE -> {
        return new StackRequest(
            r.thread(),
            r.stack(),
            r.others(),
            List.of(),
            r.initialStack(),
            r.trapFrame(),
            true,
            r.bugCheck(),
            r.leaveHandlerStack());
      }
    }
    return r;
  }

  private static StackRequest with(StackRequest r, List<CpuContext> contexts) {
    return new StackRequest(
        r.thread(),
        r.stack(),
        r.others(),
        contexts,
        r.initialStack(),
        r.trapFrame(),
        r.free(),
        r.bugCheck(),
        r.leaveHandlerStack());
  }

  private static long little(byte[] b, int width) {
    long v = 0;
    for (int i = width - 1; i >= 0; i--) {
      v = v << 8 | b[i] & 0xff;
    }
    return v;
  }

  private static void fill(Overlay memory, long at, int bytes, Random random) {
    for (int i = 0; i < bytes; i++) {
      memory.bytes.put(at + i, (byte) random.nextInt());
    }
  }
}
