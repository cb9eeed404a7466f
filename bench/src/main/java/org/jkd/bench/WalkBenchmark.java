// SPDX-License-Identifier: Apache-2.0
package org.jkd.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.mini.MiniDump;
import org.jkd.stack.CallStack;
import org.jkd.stack.CodeMap;
import org.jkd.stack.StackEnvironment;
import org.jkd.stack.StackWalker;
import org.jkd.stack.TargetModules;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.symbols.SymbolSet;
import org.jkd.target.UserTarget;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whole walks over real overflows of user stacks, symbols and images loaded before: EBP chains,
 * FrameData programs (frames without EBP), and x64 unwind information. The dumps lie in the folder
 * that {@code -Djkd.bench.stacks} names, their images and PDBs in its {@code bin/FLAVOUR}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class WalkBenchmark {
  private static final String DEFAULT_FOLDER = "../shared/data/wine";

  /** Name of a dump; up to the second dash it names the flavour of its images. */
  @Param({
    "x86-O2gs-so-self",
    "x86-O2fpo-so-cycle3",
    "x86-O2ebp-so-big",
    "x64-O2fpo-so-cycle3",
    "x64-O2gs-so-big"
  })
  public String dump = "";

  private StackWalker walker;
  private CpuContext start;

  /** The frames of the walks of an iteration. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Counters {
    public long frames;
  }

  @Setup
  public void open() throws IOException {
    Path folder = Path.of(System.getProperty("jkd.bench.stacks", DEFAULT_FOLDER));
    String flavour = dump.substring(0, dump.indexOf('-', 4));
    SymbolPath path = SymbolPath.parse(folder.resolve("bin").resolve(flavour).toString());
    UserTarget target = new UserTarget(MiniDump.open(folder.resolve(dump + ".dmp")));
    SymbolSet symbols =
        new SymbolSet(
            TargetModules.identities(target), new SymbolLoader(path, path, List.of(), false));
    walker =
        new StackWalker(target.arch(), target.memory(), CodeMap.of(symbols), StackEnvironment.NONE);
    start = target.firstThread().flatMap(target::context).orElseThrow();
    walker.walk(start, StackWalker.MAX_FRAMES);
  }

  @Benchmark
  public CallStack walk(Counters counters) {
    CallStack stack = walker.walk(start, StackWalker.MAX_FRAMES);
    counters.frames += stack.frames().size();
    return stack;
  }
}
