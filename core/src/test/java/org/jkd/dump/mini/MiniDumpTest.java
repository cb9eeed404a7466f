// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.cpu.Arch;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.sample.SharedFolder;
import org.jkd.stack.CodeMap;
import org.jkd.stack.StackEnvironment;
import org.jkd.stack.StackWalker;
import org.jkd.symbols.NoSymbols;
import org.jkd.target.UserTarget;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real minidumps against what other tools print of them, and damaged ones. */
class MiniDumpTest {
  private static final int CUTS = 64;
  private static final int FLIPS = 1000;

  @Test
  void modulesAreThoseThatBreakpadLists() throws IOException {
    MiniDump dump = MiniDump.open(shared("data/user/breakpad/minidump2.dmp"));
    List<String> expected = new ArrayList<>();
    for (String line :
        Files.readAllLines(shared("data/user/breakpad/minidump2.stackwalk.machine_readable.out"))) {
      String[] f = line.split("\\|", -1);
      if (f[0].equals("Module")) {
        expected.add(String.join(" ", f[1], f[2], f[3], f[4], f[5], f[6]));
      }
    }
    List<String> actual =
        dump.modules().stream()
            .map(m ->
                "%s %s %s %s 0x%08x 0x%08x"
                    .formatted(
                        m.fileName(),
                        m.fileVersion().orElse(""),
                        m.debugId().map(MiniModule.DebugId::fileName).orElse(""),
                        m.debugId().map(MiniModule.DebugId::key).orElse(""),
                        m.base(),
                        m.base() + m.size() - 1))
            .toList();
    assertEquals(expected.stream().sorted().toList(), actual.stream().sorted().toList());
    assertEquals("Service Pack 2", dump.system().servicePack());
    assertEquals(2600, dump.system().build());
    assertEquals(0x45d35f73L, dump.timestamp());
  }

  @Test
  void threadsAreThoseThatBreakpadPrints() throws IOException {
    MiniDump dump = MiniDump.open(shared("data/user/breakpad/minidump2.dmp"));
    String text = Files.readString(shared("data/user/breakpad/minidump2.dump.out"));
    List<Long> ids = numbers(text, "(?m)^  thread_id\\s+= 0x(\\w+)");
    List<Long> tebs = numbers(text, "(?m)^  teb\\s+= 0x(\\w+)");
    List<Long> esps = numbers(text, "(?m)^  esp\\s+= 0x(\\w+)");
    assertEquals(2, dump.threads().size());
    for (int i = 0; i < 2; i++) {
      MiniThread thread = dump.threads().get(i);
      assertEquals(ids.get(i), thread.id());
      assertEquals(tebs.get(i), thread.teb());
      assertEquals(esps.get(i), thread.context().orElseThrow().sp());
    }
    assertEquals(0xc0000005L, dump.exception().orElseThrow().record().code());
    assertEquals(0x45L, dump.exception().orElseThrow().record().parameters().get(1));
  }

  @Test
  void threadNamesAreRead() throws IOException {
    MiniDump dump = MiniDump.open(shared("data/user/breakpad/thread_name_list.dmp"));
    assertTrue(dump.threads().stream().anyMatch(t -> t.name().isPresent()));
    assertEquals(6, dump.threads().size());
  }

  @Test
  void bigDumpsOfBothArchitecturesHaveTheThreadsThatBreakpadCounts() throws IOException {
    MiniDump x86 = MiniDump.open(shared("data/user/mozilla/windows-x86.dmp"));
    MiniDump x64 = MiniDump.open(shared("data/user/mozilla/windows-x86_64.dmp"));
    assertEquals(95, x86.threads().size());
    assertEquals(103, x64.threads().size());
    assertEquals(Arch.X86, x86.system().arch());
    assertEquals(Arch.X64, x64.system().arch());
    assertTrue(x64.misc().processId().isPresent());
  }

  @Test
  void whatIsNoMinidumpIsRefusedInOneLine() {
    FormatException e =
        assertThrows(FormatException.class, () -> MiniDump.open(Bytes.of("x.dmp", new byte[100])));
    assertTrue(String.valueOf(e.getMessage()).contains("not a minidump"), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).indexOf('\n') < 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data/user/breakpad/minidump2.dmp",
        "data/user/breakpad/thread_name_list.dmp",
        "data/user/sentry/windows.dmp",
        "data/user/breakpad/tiny-exe-with-cet-xsave.dmp"
      })
  void damagedDumpsAreReadAsFarAsTheyGo(String name) throws IOException {
    byte[] whole = Files.readAllBytes(shared(name));
    for (int i = 0; i < CUTS; i++) {
      byte[] cut = new byte[(int) ((long) whole.length * i / CUTS)];
      System.arraycopy(whole, 0, cut, 0, cut.length);
      openAndWalk(cut);
    }
    Random random = new Random(name.hashCode());
    for (int i = 0; i < FLIPS; i++) {
      byte[] flipped = whole.clone();
      // Headers and lists stand at the beginning and the end: hit them often.
      int at = random.nextInt(i % 2 == 0 ? Math.min(0x1000, whole.length) : whole.length);
      flipped[at] = (byte) random.nextInt(256);
      openAndWalk(flipped);
    }
  }

  private static void openAndWalk(byte[] bytes) {
    MiniDump dump;
    try {
      dump = MiniDump.open(Bytes.of("damaged.dmp", bytes));
    } catch (FormatException e) {
      assertTrue(String.valueOf(e.getMessage()).indexOf('\n') < 0);
      return;
    }
    UserTarget target = new UserTarget(dump);
    StackWalker walker =
        new StackWalker(
            target.arch(),
            target.memory(),
            CodeMap.of(target, m -> new NoSymbols()),
            StackEnvironment.NONE);
    for (MiniThread thread : target.threads()) {
      target.context(thread).ifPresent(c -> assertTrue(walker.walk(c, 100).frames().size() <= 100));
    }
  }

  private static List<Long> numbers(String text, String pattern) {
    List<Long> numbers = new ArrayList<>();
    Matcher m = Pattern.compile(pattern).matcher(text);
    while (m.find()) {
      numbers.add(Long.parseUnsignedLong(m.group(1), 16));
    }
    return numbers;
  }

  private static Path shared(String relative) {
    Optional<Path> path = SharedFolder.find(relative);
    Assumptions.assumeTrue(path.isPresent(), "needs ../shared/" + relative);
    return path.orElseThrow();
  }
}
