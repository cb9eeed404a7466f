// SPDX-License-Identifier: Apache-2.0
package org.jkd.bench;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Decoder;
import org.jkd.cpu.Instruction;
import org.jkd.cpu.KdFormatter;
import org.jkd.cpu.Symbolizer;
import org.openjdk.jmh.annotations.AuxCounters;
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

/** Rate of the decoder and of the formatter when warm, in megabytes of code per second. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class DecodeBenchmark {
  /** What was done, per second; 1 MB is 1 000 000 bytes. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Work {
    public double megabytes;
    public double millionInstructions;

    void add(long bytes, long instructions) {
      megabytes += bytes / 1e6;
      millionInstructions += instructions / 1e6;
    }
  }

  private CodeSample sample;
  private final Decoder decoder = new Decoder(Arch.X64);
  private final Instruction instruction = new Instruction();
  private final KdFormatter formatter = new KdFormatter(Symbolizer.NONE, KdFormatter.Style.CURRENT);
  private final StringBuilder text = new StringBuilder();

  @Setup
  public void load() throws IOException {
    sample = CodeSample.load();
  }

  @Benchmark
  public long decode(Work work) {
    byte[] code = sample.code();
    long count = 0;
    for (int at = 0; at < code.length; count++) {
      int n = decoder.decode(code, at, code.length, sample.address() + at, instruction);
      at += Math.max(1, n);
    }
    work.add(code.length, count);
    return count;
  }

  /** What an analysis of flow and depth asks of each instruction. */
  @Benchmark
  public long decodeAndEffects(Work work) {
    byte[] code = sample.code();
    long sum = 0;
    long count = 0;
    for (int at = 0; at < code.length; count++) {
      int n = decoder.decode(code, at, code.length, sample.address() + at, instruction);
      if (n > 0) {
        sum += instruction.flow().ordinal() + instruction.stackDelta();
        sum += instruction.registersRead() + instruction.registersWritten();
      }
      at += Math.max(1, n);
    }
    work.add(code.length, count);
    return sum;
  }

  @Benchmark
  public long decodeAndFormat(Work work) {
    byte[] code = sample.code();
    long sum = 0;
    long count = 0;
    for (int at = 0; at < code.length; count++) {
      int n = decoder.decode(code, at, code.length, sample.address() + at, instruction);
      if (n > 0) {
        text.setLength(0);
        formatter.instruction(instruction, text);
        sum += text.length();
      }
      at += Math.max(1, n);
    }
    work.add(code.length, count);
    return sum;
  }
}
