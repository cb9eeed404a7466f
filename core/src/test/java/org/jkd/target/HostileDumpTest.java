// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.jkd.dump.DumpFile;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged dumps: each format cut off at 64 places and with 1,000 bytes changed, one at a time. A
 * damaged dump may be refused in one line or show less; it may do nothing else, nor take long, nor
 * much memory.
 */
class HostileDumpTest {
  private static final int CUTS = 64;
  private static final int FLIPS = 1000;

  /** What one opening may allocate, bytes, whatever the file says. */
  private static final long ALLOCATION_CAP = 64L << 20;

  private static final long TIME_CAP_NANOS = 2_000_000_000L;

  /** Where headers and lists are: half of the changes go there. */
  private static final int METADATA = 0x4000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Stream<Map.Entry<String, byte[]>> formats() throws IOException {
    Optional<Path> found = SharedFolder.find("");
    assumeTrue(
        found.isPresent() && SharedFolder.find("corpus").isPresent(), "needs ../shared/corpus");
    Path shared = found.orElseThrow();
    Map<String, byte[]> formats = new LinkedHashMap<>();
    Path x64 = shared.resolve("corpus/train-x64-encoded");
    Path x86 = shared.resolve("corpus/train-x86-paged");
    byte[] bitmap = Files.readAllBytes(x64.resolve("KERNEL.DMP"));
    formats.put("summary, PAE", Files.readAllBytes(x86.resolve("KERNEL.DMP")));
    formats.put("complete, PAE", Files.readAllBytes(x86.resolve("MEMORY.DMP")));
    formats.put("triage, x86", Files.readAllBytes(x86.resolve("MINI.DMP")));
    formats.put("bitmap, x64, encoded", bitmap);
    formats.put("triage, x64", Files.readAllBytes(x64.resolve("MINI.DMP")));
    formats.put("triage, real", Files.readAllBytes(shared.resolve("data/kernel/3b_0.dmp")));
    formats.put("kernel ranges", new Rewritten(bitmap).ranges(8));
    formats.put("complete ranges", new Rewritten(bitmap).ranges(10));
    formats.put("full bitmap", new Rewritten(bitmap).fullBitmap());
    formats.put("header", new Rewritten(bitmap).headerOnly());
    return formats.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void cutOffFilesAreHandled(Map.Entry<String, byte[]> format) {
    Bytes whole = Bytes.of("test.dmp", format.getValue());
    Random random = new Random(64);
    for (int i = 0; i < CUTS; i++) {
      long length =
          i % 2 == 0 ? whole.size() * i / CUTS : random.nextLong(Math.min(whole.size(), METADATA));
      survive(whole.slice(0, length), "cut at " + length);
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void changedBytesAreHandled(Map.Entry<String, byte[]> format) {
    byte[] dump = format.getValue();
    Random random = new Random(1000);
    for (int i = 0; i < FLIPS; i++) {
      int at = random.nextInt(i % 2 == 0 ? dump.length : Math.min(dump.length, METADATA));
      byte old = dump[at];
      dump[at] = (byte) (random.nextBoolean() ? old ^ 1 << random.nextInt(8) : random.nextInt());
      survive(Bytes.of("test.dmp", dump), "byte changed at " + at);
      dump[at] = old;
    }
  }

  private static void survive(Bytes dump, String what) {
    long allocated = THREADS.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    try {
      useAll(KernelTarget.of(DumpFile.open(dump)));
    } catch (FormatException e) {
      assertThat(e).as(what).message().startsWith("test.dmp").doesNotContain("\n");
    }
    assertThat(System.nanoTime() - start).as(what).isLessThan(TIME_CAP_NANOS);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - allocated)
        .as(what)
        .isLessThan(ALLOCATION_CAP);
  }

  /** Asks for everything once. */
  private static void useAll(KernelTarget target) {
    assertThat(target.modules()).hasSizeLessThanOrEqualTo(KernelCore.MAX_LIST);
    assertThat(target.unloadedModules()).isNotNull();
    target.processes().stream().limit(4).forEach(p -> target.threads(p));
    assertThat(target.system()).isNotNull();
    assertThat(target.stacks()).isNotNull();
    assertThat(target.heldRanges()).isNotNull();
    assertThat(target.dump().taggedRecords()).isNotNull();
    target.processors().forEach(p -> target.taskState(p, 0x28));
    long sp = target.context().sp();
    assertThat(target.stackAt(sp)).isNotNull();
    assertThat(target.trapFrame(sp)).isNotNull();
    assertThat(target.memory().whyUnreadable(sp)).isNotNull();
    target.pageTables().ifPresent(t -> assertThat(t.walk(sp).steps()).hasSizeLessThan(6));
    target
        .currentThread()
        .ifPresent(t -> {
          assertThat(target.context(t)).isNotNull();
          assertThat(target.stacks(t)).isNotNull();
        });
  }
}
