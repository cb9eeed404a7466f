// SPDX-License-Identifier: Apache-2.0
package org.jkd.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.mini.MiniDump;
import org.jkd.stack.TargetModules;
import org.jkd.stack.rebuild.KernelRequests;
import org.jkd.stack.rebuild.Reconstructor;
import org.jkd.stack.rebuild.StackRequest;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.target.KernelTarget;
import org.jkd.target.LoadedModule;
import org.jkd.target.Target;
import org.jkd.target.UserTarget;

/**
 * Rebuilding whole stacks, a plain program because the first time counts as much as the later ones:
 * processor time of every case of a corpus, of code never seen before and of code analysed before,
 * then time and allocation against the size of the stack on real overflows of user stacks.
 *
 * <p>{@code RebuildBenchmark CORPUS STACKS}; the folders as in {@code ../shared}.
 */
public final class RebuildBenchmark {
  private static final int WARM_RUNS = 9;

  /** Rounds over the corpus that only warm up the virtual machine. */
  private static final int JVM_ROUNDS = 2;

  private static final int[] KILOBYTES = {12, 24, 64, 128, 256, 512, 1024};

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private RebuildBenchmark() {}

  /** A stack to rebuild, with the code of its modules not looked at yet. */
  private record Case(String name, Target target, List<CodeImage> code, StackRequest request) {
    Reconstructor fresh() {
      return Reconstructor.of(target.memory(), new CodeSpace(target.arch(), target.memory(), code));
    }
  }

  private record Cost(double milliseconds, long bytes) {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    corpus(Path.of(args[0]));
    sizes(Path.of(args[1]));
  }

  private static void corpus(Path folder) throws IOException {
    List<Path> folders;
    try (Stream<Path> list = Files.list(folder)) {
      folders = list.filter(Files::isDirectory).sorted().toList();
    }
    List<double[]> all = new ArrayList<>();
    for (int round = 0; round <= JVM_ROUNDS; round++) {
      for (Path f : folders) {
        Case c = kernel(f);
        Reconstructor reconstructor = c.fresh();
        Cost cold = cost(reconstructor, c.request());
        Cost warm = median(reconstructor, c.request());
        if (round == JVM_ROUNDS) {
          all.add(new double[] {cold.milliseconds(), warm.milliseconds(), warm.bytes()});
          print(c.name() + ", code never seen", cold);
          print(c.name(), warm);
        }
      }
    }
    for (int column = 0; column < 2; column++) {
      int k = column;
      double[] sorted = all.stream().mapToDouble(a -> a[k]).sorted().toArray();
      System.out.printf(
          Locale.ROOT,
          "%s: median %.1f ms, worst %.1f ms over %d stacks%n",
          column == 0 ? "code never seen" : "code seen",
          sorted[sorted.length / 2],
          sorted[sorted.length - 1],
          sorted.length);
    }
  }

  private static void sizes(Path folder) throws IOException {
    List<Path> dumps;
    try (Stream<Path> list = Files.list(folder)) {
      dumps = list.filter(f -> f.toString().contains("-so-")).sorted().toList();
    }
    for (Path dump : dumps) {
      Case whole = user(dump, folder);
      Reconstructor reconstructor = whole.fresh();
      cost(reconstructor, whole.request());
      for (int kilobytes : KILOBYTES) {
        print(
            whole.name() + ", innermost " + kilobytes + " KB",
            median(reconstructor, innermost(whole.request(), kilobytes * 1024L)));
      }
    }
  }

  /** The same stack as if it began closer to the stack pointer. */
  private static StackRequest innermost(StackRequest r, long bytes) {
    long sp = r.contexts().getFirst().sp();
    long base = Math.min(r.stack().base(), (sp + bytes) & -16);
    return new StackRequest(
        OptionalLong.empty(),
        new StackRequest.Area(r.stack().name(), sp & -0x1000, base),
        List.of(),
        r.contexts(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        false,
        Optional.empty(),
        false);
  }

  private static Case kernel(Path folder) throws IOException {
    KernelTarget target = KernelTarget.open(folder.resolve("KERNEL.DMP"));
    SymbolLoader loader =
        loader(SymbolPath.EMPTY, SymbolPath.parse(folder.resolve("images").toString()));
    List<CodeImage> code = new ArrayList<>();
    for (LoadedModule m : target.modules()) {
      ModuleIdentity identity =
          new ModuleIdentity(
              m.name(), m.imageName(), m.base(), m.size(), m.timestamp(), target.memory());
      code.add(image(target, identity, loader));
    }
    return new Case(
        folder.getFileName().toString(),
        target,
        code,
        KernelRequests.crash(target, false).orElseThrow());
  }

  private static Case user(Path dump, Path folder) throws IOException {
    String name = dump.getFileName().toString();
    String flavour = name.substring(0, name.indexOf('-', 4));
    SymbolPath path = SymbolPath.parse(folder.resolve("bin").resolve(flavour).toString());
    UserTarget target = new UserTarget(MiniDump.open(dump));
    SymbolLoader loader = loader(path, path);
    List<CodeImage> code = new ArrayList<>();
    for (ModuleIdentity m : TargetModules.identities(target)) {
      code.add(image(target, m, loader));
    }
    CpuContext start = target.firstThread().flatMap(target::context).orElseThrow();
    return new Case(
        name, target, code, KernelRequests.around(target.memory(), start, false).orElseThrow());
  }

  private static SymbolLoader loader(SymbolPath symbols, SymbolPath images) {
    return new SymbolLoader(symbols, images, List.of(), false);
  }

  private static CodeImage image(Target target, ModuleIdentity m, SymbolLoader loader) {
    SymbolLoader.Result result = loader.load(m, Map.of(), line -> {});
    return new CodeImage(
        m.name(),
        target.arch(),
        m.base(),
        m.size(),
        target.memory(),
        result.imageFile().map(SymbolLoader.ImageFile::image),
        Optional.of(result.symbols()));
  }

  private static Cost median(Reconstructor reconstructor, StackRequest request) {
    Cost[] costs = new Cost[WARM_RUNS];
    for (int i = 0; i < WARM_RUNS; i++) {
      costs[i] = cost(reconstructor, request);
    }
    Arrays.sort(costs, (a, b) -> Double.compare(a.milliseconds(), b.milliseconds()));
    return costs[WARM_RUNS / 2];
  }

  private static Cost cost(Reconstructor reconstructor, StackRequest request) {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long time = THREADS.getCurrentThreadCpuTime();
    int frames = reconstructor.rebuild(request).frames().size();
    if (frames == 0) {
      throw new IllegalStateException("no frame was found");
    }
    return new Cost(
        (THREADS.getCurrentThreadCpuTime() - time) / 1e6,
        THREADS.getCurrentThreadAllocatedBytes() - bytes);
  }

  private static void print(String what, Cost cost) {
    System.out.printf(
        Locale.ROOT, "%-46s %8.1f ms %8.1f MB%n", what, cost.milliseconds(), cost.bytes() / 1e6);
  }
}
