// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Compares what it costs to open the dump of a machine with 64 MB and of one with 64 GB. Both are
 * bitmap dumps that hold every page, written as sparse files around the pages of a given 64-bit
 * bitmap dump.
 *
 * <p>Run it with the given dump as the argument; it prints the medians and their ratio. Opening
 * means: headers, page tables, debugger data, modules, processors, current thread. The last line is
 * the look-up of the very last page, which counts the whole bitmap once.
 */
public final class OpenBenchmark {
  private static final int HEADER = 0x2000;
  private static final int ROUNDS = 400;
  private static final long MB = 1L << 20;

  private OpenBenchmark() {}

  /**
   * @param args the path of a bitmap dump (type 6)
   */
  public static void main(String[] args) throws IOException {
    byte[] original = Files.readAllBytes(Path.of(args[0]));
    Path small = write(original, 64 * MB);
    Path big = write(original, 64 * 1024 * MB);
    try {
      System.out.printf("first open of 64 MB: %8.1f us (starts the JVM's code)%n", open(small));
      System.out.printf("first open of 64 GB: %8.1f us%n", open(big));
      double[] smallTimes = new double[ROUNDS];
      double[] bigTimes = new double[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        smallTimes[i] = open(small);
        bigTimes[i] = open(big);
      }
      double a = median(smallTimes);
      double b = median(bigTimes);
      System.out.printf("median of 64 MB:     %8.1f us%n", a);
      System.out.printf("median of 64 GB:     %8.1f us, ratio %.2f%n", b, b / a);
      KernelTarget target = KernelTarget.open(big);
      long start = System.nanoTime();
      target.physicalMemory().orElseThrow().whyUnreadable(64 * 1024 * MB - 1);
      System.out.printf("last page of 64 GB:  %8.1f us%n", (System.nanoTime() - start) / 1e3);
    } finally {
      Files.delete(small);
      Files.delete(big);
    }
  }

  private static double open(Path dump) throws IOException {
    long start = System.nanoTime();
    KernelTarget target = KernelTarget.open(dump);
    if (target.modules().isEmpty() || target.currentThread().isEmpty()) {
      throw new IOException("the dump lost its content");
    }
    return (System.nanoTime() - start) / 1e3;
  }

  private static double median(double[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }

  /** The same machine with more memory, all of it in the dump. */
  private static Path write(byte[] original, long memory) throws IOException {
    ByteBuffer b = ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN);
    int pages = (int) (memory >>> 12);
    int bitmapBytes = pages / 8;
    int firstPage = (HEADER + 0x38 + bitmapBytes + 0xfff) & ~0xfff;
    ByteBuffer head = ByteBuffer.allocate(firstPage).order(ByteOrder.LITTLE_ENDIAN);
    head.put(0, original, 0, HEADER + 0x38);
    head.putLong(HEADER + 0x20, firstPage);
    head.putLong(HEADER + 0x28, pages);
    head.putLong(HEADER + 0x30, pages);
    for (int i = 0; i < bitmapBytes; i++) {
      head.put(HEADER + 0x38 + i, (byte) 0xff);
    }
    Path file = Files.createTempFile("jkd-open", ".dmp");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(head, 0);
      int at = (int) b.getLong(HEADER + 0x20);
      long bits = b.getLong(HEADER + 0x30);
      for (int i = 0; i < bits; i++) {
        if ((original[HEADER + 0x38 + i / 8] >>> i % 8 & 1) != 0) {
          channel.write(b.slice(at, 0x1000), firstPage + i * 4096L);
          at += 0x1000;
        }
      }
      channel.write(ByteBuffer.allocate(1), firstPage + memory - 1);
    }
    return file;
  }
}
