// SPDX-License-Identifier: Apache-2.0
package org.jkd.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.cpu.Arch;
import org.jkd.image.Bytes;
import org.jkd.pe.LoadedImage;
import org.jkd.pe.PeImage;
import org.jkd.pe.RuntimeFunctions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The analysis of single functions on demand, in random order, nothing of the module known before
 * but where its functions start. The image is the x64 driver that {@code -Djkd.bench.image} names.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class FunctionBenchmark {
  private static final String DEFAULT_FILE =
      "../shared/data/images/rizin-symstore/Wdf01000.sys/a9a9d36ed1000/Wdf01000.sys";

  private long[] starts = new long[0];
  private PeImage image;
  private CodeSpace space;
  private int next;

  @Setup
  public void load() throws IOException {
    image = PeImage.ofFile(Bytes.map(Path.of(System.getProperty("jkd.bench.image", DEFAULT_FILE))));
    RuntimeFunctions functions = image.runtimeFunctions();
    starts = new long[functions.count()];
    Random random = new Random(1);
    for (int i = 0; i < starts.length; i++) {
      int j = random.nextInt(i + 1);
      starts[i] = starts[j];
      starts[j] = image.imageBase() + functions.entry(i).begin();
    }
  }

  /** Nothing is kept from one iteration to the next. */
  @Setup(Level.Iteration)
  public void forget() {
    LoadedImage memory = image.loadedAt(image.imageBase());
    CodeImage code =
        new CodeImage(
            image.name(),
            image.is64() ? Arch.X64 : Arch.X86,
            image.imageBase(),
            0,
            memory,
            Optional.of(image),
            Optional.empty());
    space = new CodeSpace(code.arch(), memory, List.of(code));
    space.functionStartingAt(starts[0]);
    next = 1;
  }

  @Benchmark
  public void analyse(Blackhole sink) {
    if (next >= starts.length) {
      forget();
    }
    sink.consume(space.functionStartingAt(starts[next++]));
  }
}
