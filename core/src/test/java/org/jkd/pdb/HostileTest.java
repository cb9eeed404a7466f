// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.pe.ExportTable;
import org.jkd.pe.PeImage;
import org.jkd.sample.SharedFolder;
import org.jkd.symbols.ExportSymbols;
import org.jkd.symbols.PdbSymbols;
import org.jkd.symbols.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files end in a FormatException or in partial answers, quickly and in little memory. */
class HostileTest {
  private static final int TRUNCATIONS = 64;
  private static final int FLIPS = 1000;
  private static final long MAX_MILLIS = 2000;

  /** What one damaged file may cost in allocated memory: the sum, not the peak. */
  private static final long MAX_ALLOCATED = 256L << 20;

  private static byte[] file(String name) throws IOException {
    Optional<Path> path = SharedFolder.find(name);
    assumeTrue(path.isPresent(), "needs ../shared/" + name);
    return Files.readAllBytes(path.orElseThrow());
  }

  private interface Reader {
    void read(Bytes bytes);
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  /** Reads everything; the answer is whether the file was refused as a whole. */
  private static boolean refused(Reader reader, byte[] damaged) {
    long start = System.nanoTime();
    long before = allocated();
    boolean refused = false;
    try {
      reader.read(Bytes.of("damaged", damaged));
    } catch (FormatException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
      refused = true;
    }
    assertThat(allocated() - before).as("bytes allocated").isLessThan(MAX_ALLOCATED);
    assertThat((System.nanoTime() - start) / 1_000_000).as("milliseconds").isLessThan(MAX_MILLIS);
    return refused;
  }

  private static int truncated(Reader reader, byte[] whole) {
    int refused = 0;
    for (int i = 0; i < TRUNCATIONS; i++) {
      byte[] part = Arrays.copyOf(whole, (int) ((long) whole.length * i / TRUNCATIONS));
      refused += refused(reader, part) ? 1 : 0;
    }
    return refused;
  }

  private static int flipped(Reader reader, byte[] whole, int seed) {
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < FLIPS; i++) {
      byte[] damaged = whole.clone();
      // Half of the damage goes to the places that everything else hangs on.
      int at = random.nextInt(i % 2 == 0 ? whole.length : Math.min(whole.length, 4096));
      damaged[at] ^= (byte) (i % 4 < 2 ? 1 << random.nextInt(8) : 0xff);
      refused += refused(reader, damaged) ? 1 : 0;
    }
    return refused;
  }

  private static void readPdb(Bytes bytes) {
    PdbSymbols symbols = new PdbSymbols(Pdb.open(bytes), Path.of("damaged.pdb"), false);
    symbols.types().named("_KTHREAD"); // by the hash table, before all names are known
    symbols.named("main");
    symbols.matching(n -> true);
    for (long rva = 0; rva < 0x10000; rva += 0x111) {
      symbols.nearest(rva);
      symbols.next(rva);
      symbols.line(rva);
      symbols.inlined(rva);
      symbols.functionType(rva);
      symbols.variables(rva, 0);
      symbols.unwindRecords().fpo(rva);
      symbols.unwindRecords().frameData(rva);
    }
    Types types = symbols.types();
    types.names(n -> true).forEach(types::struct);
    Pdb pdb = symbols.pdb();
    for (int i = 0; i < pdb.moduleSymbols().count(); i++) {
      pdb.procedure(pdb.moduleSymbols(), i);
      pdb.frameProc(pdb.moduleSymbols(), i);
    }
    pdb.contributions().find(1, 0x100);
  }

  private static void readPe(Bytes bytes) {
    readAll(PeImage.ofFile(bytes));
  }

  private static void readAll(PeImage image) {
    ExportTable exports = image.exports();
    new ExportSymbols(exports).matching(n -> true);
    image.imports();
    image.debug();
    image.version();
    image.relocations();
    image.loadConfig().ifPresent(c -> c.isSafeHandler(image, 0x1000));
    for (int i = 0; i < image.runtimeFunctions().count(); i += 7) {
      image.runtimeFunctions().find(image.runtimeFunctions().entry(i).begin());
    }
    byte[] page = new byte[0x1000];
    for (long rva = 0; rva < Math.min(image.sizeOfImage(), 0x20000); rva += 0x1000) {
      image.loadedAt(0x80000000L).read(0x80000000L + rva, page, 0, page.length);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data/pdb/lldb/test-pdb.pdb",
        "data/pdb/breakpad/omap_stretched.pdb",
        "data/pdb/ntkrnlpa/ntkrnlpa.pdb"
      })
  void truncatedPdbs(String name) throws IOException {
    assertThat(truncated(HostileTest::readPdb, file(name))).isPositive();
  }

  @Test
  void flippedPdb() throws IOException {
    byte[] whole = file("data/pdb/lldb/test-pdb.pdb");
    int refused = flipped(HostileTest::readPdb, whole, 1);
    assertThat(refused).isBetween(1, FLIPS - 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"data/pdb/seh/x64/xframe_eh_exe.exe", "data/pdb/syzygy/pe_test_dll_vs2013.dll"})
  void truncatedImages(String name) throws IOException {
    assertThat(truncated(HostileTest::readPe, file(name))).isPositive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"data/pdb/seh/x64/xframe_eh_exe.exe", "data/pdb/seh/x86/xframe_eh_dll.dll"})
  void flippedImages(String name) throws IOException {
    int refused = flipped(HostileTest::readPe, file(name), 2);
    assertThat(refused).isBetween(1, FLIPS - 1);
  }

  /** The image in memory, of which single pages are missing. */
  @Test
  void missingPagesCostOnlyWhatTheyHold() throws IOException {
    PeImage file = PeImage.ofFile(Bytes.of("x", file("data/pdb/syzygy/pe_test_dll_vs2013.dll")));
    Memory whole = file.loadedAt(0x10000000L);
    int pages = (int) (file.sizeOfImage() / 0x1000);
    int exports = 0;
    for (int missing = 0; missing < pages; missing++) {
      long hole = 0x10000000L + missing * 0x1000L;
      Memory memory =
          new Memory() {
            @Override
            public int read(long address, byte[] target, int at, int length) {
              if (address >= hole && address < hole + 0x1000) {
                return 0;
              }
              int n = address < hole ? (int) Math.min(length, hole - address) : length;
              return whole.read(address, target, at, n);
            }

            @Override
            public Unreadable whyUnreadable(long address) {
              return new Unreadable.NoBlock();
            }
          };
      if (missing == 0) {
        assertThatThrownBy(() -> PeImage.inMemory("x.dll", memory, 0x10000000L))
            .isInstanceOf(FormatException.class)
            .hasMessage("image headers of x.dll: not among the memory ranges of this dump");
        continue;
      }
      PeImage image = PeImage.inMemory("x.dll", memory, 0x10000000L);
      readAll(image);
      exports += image.exports().entries().size() == file.exports().entries().size() ? 1 : 0;
    }
    assertThat(exports).isBetween(pages - 4, pages - 2);
  }

  @Test
  void otherContainersAreNamed() {
    byte[] jg =
        "Microsoft C/C++ program database 2.00\r\n\u001aJG\0\0"
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> Pdb.open(Bytes.of("old.pdb", Arrays.copyOf(jg, 4096))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("2.00 (JG, before Visual C++ 7) is not supported");
    assertThatThrownBy(() -> Pdb.open(Bytes.of("x", new byte[4096])))
        .hasMessageContaining("no program database");
  }
}
