// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares the decoder with GNU objdump. By default a sample of the images in the shared folder and
 * of this machine's libraries; {@code -Djkd.decoder.limit=N} raises the number of instructions per
 * file and {@code -Djkd.decoder.files=a:b} adds ELF or PE files; {@code -Djkd.decoder.sweep=true}
 * sweeps the opcodes of 32-bit code as well (docs/decoder.md has the figures of a large run).
 */
final class ObjdumpDifferentialTest {
  private static final String DEFAULT_LIMIT = "2500";
  private static final double AGREEMENT = 0.999;

  @Test
  void lengthsAndTextsAgree() throws IOException {
    assumeTrue(hasObjdump(), "needs GNU objdump in PATH");
    long limit = Long.parseLong(System.getProperty("jkd.decoder.limit", DEFAULT_LIMIT));
    ObjdumpComparison x86 = new ObjdumpComparison(Arch.X86);
    ObjdumpComparison x64 = new ObjdumpComparison(Arch.X64);
    for (Path file : files()) {
      int machine = machine(file);
      if (machine == Arch.X86.machine()) {
        x86.compare(file, limit, false);
      } else if (machine == Arch.X64.machine()) {
        x64.compare(file, limit, false);
      }
    }
    assumeTrue(x86.instructions + x64.instructions > 0, "needs ../shared/data or libraries");
    for (ObjdumpComparison c : List.of(x86, x64)) {
      String report = c.report(60);
      assertThat(c.wrongLength).as(report).isZero();
      assertThat((double) c.wrongText)
          .as(report)
          .isLessThanOrEqualTo((1 - AGREEMENT) * c.instructions);
    }
    Path out = Path.of("target", "decoder-differential.txt");
    Files.writeString(out, x86.report(200) + x64.report(200));
  }

  /**
   * Every opcode of every map with every mandatory prefix, W and modrm.reg, whether or not real
   * code uses it. What remains different are forms that objdump shows although they are invalid,
   * and the classes of docs/decoder.md.
   */
  @Test
  void allOpcodesAgree(@TempDir Path folder) throws IOException {
    assumeTrue(hasObjdump(), "needs GNU objdump in PATH");
    boolean both = Boolean.getBoolean("jkd.decoder.sweep");
    for (Arch arch : both ? List.of(Arch.X86, Arch.X64) : List.of(Arch.X64)) {
      OpcodeSweep sweep = new OpcodeSweep(arch == Arch.X64);
      Path file = folder.resolve(arch + ".bin");
      Files.write(file, sweep.code());
      ObjdumpComparison c = new ObjdumpComparison(arch);
      c.compare(file, Long.MAX_VALUE / 2, true);
      String report = c.report(40);
      assertThat(c.instructions).as(report).isGreaterThan(sweep.forms());
      assertThat((double) c.wrongLength + c.wrongText)
          .as(report)
          .isLessThanOrEqualTo(0.01 * sweep.forms());
    }
  }

  /** The judge itself must notice differences. */
  @Test
  void differencesAreNoticed() {
    assertThat(ObjdumpDialect.fromKd("mov     eax,dword ptr [ebp-10h]", false))
        .isEqualTo(ObjdumpDialect.fromObjdump("mov    eax,DWORD PTR [ebp-0x10]", false))
        .isNotEqualTo(ObjdumpDialect.fromObjdump("mov    eax,DWORD PTR [ebp-0x11]", false))
        .isNotEqualTo(ObjdumpDialect.fromObjdump("mov    ecx,DWORD PTR [ebp-0x10]", false))
        .isNotEqualTo(ObjdumpDialect.fromObjdump("mov    eax,WORD PTR [ebp-0x10]", false))
        .isNotEqualTo(ObjdumpDialect.fromObjdump("cmp    eax,DWORD PTR [ebp-0x10]", false));
    assertThat(ObjdumpDialect.fromKd("jmp     fffff800`12345678", true))
        .isEqualTo(ObjdumpDialect.fromObjdump("jmp    0xfffff80012345678", true));
  }

  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    Set<String> seen = new HashSet<>(); // the corpus holds many images again and again
    for (String folder : List.of("data", "corpus")) {
      var path = SharedFolder.find(folder);
      if (path.isPresent()) {
        try (Stream<Path> all = Files.walk(path.get())) {
          all.filter(Files::isRegularFile)
              .filter(f -> f.getFileName().toString().matches("(?i).*\\.(dll|exe|sys)"))
              .sorted()
              .filter(f -> seen.add(f.getFileName() + " " + f.toFile().length()))
              .forEach(files::add);
        }
      }
    }
    files.add(Path.of("/lib/x86_64-linux-gnu/libc.so.6"));
    files.add(Path.of("/lib/x86_64-linux-gnu/libcrypto.so.3"));
    files.add(Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so"));
    String more = System.getProperty("jkd.decoder.files", "");
    for (String name : more.split(File.pathSeparator)) {
      if (!name.isEmpty()) {
        files.add(Path.of(name));
      }
    }
    files.removeIf(f -> !Files.isRegularFile(f));
    return files;
  }

  /** The PE machine number of a PE or ELF file, or 0. */
  private static int machine(Path file) throws IOException {
    byte[] head = new byte[4096];
    try (var in = Files.newInputStream(file)) {
      if (in.readNBytes(head, 0, head.length) < 64) {
        return 0;
      }
    }
    if (head[0] == 0x7f && head[1] == 'E') {
      int elf = head[18] & 0xff;
      return elf == 62 ? Arch.X64.machine() : elf == 3 ? Arch.X86.machine() : 0;
    }
    int pe = head[60] & 0xff | (head[61] & 0xff) << 8;
    boolean isPe = head[0] == 'M' && pe + 6 < head.length && head[pe] == 'P';
    return isPe ? head[pe + 4] & 0xff | (head[pe + 5] & 0xff) << 8 : 0;
  }

  private static boolean hasObjdump() {
    try {
      Process p = new ProcessBuilder("objdump", "--version").redirectErrorStream(true).start();
      String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return text.contains("GNU objdump");
    } catch (IOException e) {
      return false;
    }
  }
}
