// SPDX-License-Identifier: Apache-2.0
package org.jkd.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.SectionTable;
import org.jkd.symbols.PdbSymbols;
import org.jkd.symbols.Symbol;
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
 * Names of random addresses of code, warm. The PDB is the one that {@code -Djkd.bench.pdb} names;
 * {@code big_pdb.py} makes one of more than 100 MB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SymbolBenchmark {
  private static final int ADDRESSES = 1 << 14;

  private final long[] addresses = new long[ADDRESSES];
  private PdbSymbols symbols;
  private int next;

  /** Opens the file and chooses addresses in its first section. */
  @Setup
  public void open() throws IOException {
    Path file = Path.of(System.getProperty("jkd.bench.pdb", "big.pdb"));
    Pdb pdb = Pdb.open(file);
    symbols = new PdbSymbols(pdb, file, false);
    SectionTable sections = pdb.sections().orElseThrow();
    Random random = new Random(1);
    for (int i = 0; i < ADDRESSES; i++) {
      addresses[i] = sections.rva(1, random.nextLong(sections.size(1)));
    }
  }

  /** The symbol of one address, with its name. */
  @Benchmark
  public Symbol nearest() {
    return symbols.nearest(addresses[next++ & ADDRESSES - 1]).orElseThrow();
  }
}
