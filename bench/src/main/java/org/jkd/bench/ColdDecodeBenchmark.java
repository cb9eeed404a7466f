// SPDX-License-Identifier: Apache-2.0
package org.jkd.bench;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Decoder;
import org.jkd.cpu.Instruction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Times in a fresh JVM, classes and tables not yet loaded, beside llvm-objdump on the same section.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(5)
public class ColdDecodeBenchmark {
  private CodeSample sample;

  @Setup
  public void load() throws IOException {
    sample = CodeSample.load();
  }

  @Benchmark
  public int firstInstruction() {
    byte[] code = sample.code();
    return new Decoder(Arch.X64).decode(code, 0, code.length, 0, new Instruction());
  }

  @Benchmark
  public long wholeSection() {
    byte[] code = sample.code();
    Decoder decoder = new Decoder(Arch.X64);
    Instruction instruction = new Instruction();
    long count = 0;
    for (int at = 0; at < code.length; count++) {
      at += Math.max(1, decoder.decode(code, at, code.length, at, instruction));
    }
    return count;
  }

  @Benchmark
  public int llvmObjdump() throws IOException, InterruptedException {
    return new ProcessBuilder(
            "llvm-objdump", "-d", "-j", ".text", "--no-show-raw-insn", sample.file().toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
