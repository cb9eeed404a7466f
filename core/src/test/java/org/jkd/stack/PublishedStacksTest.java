// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.cpu.ContextRecord;
import org.jkd.cpu.CpuContext;
import org.jkd.sample.SharedFolder;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.symbols.SymbolSet;
import org.jkd.target.KernelTarget;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Stacks of real dumps against what other projects published about them. */
class PublishedStacksTest {
  /** A system-thread exception: its fourth parameter is the address of the context. */
  private static final int CONTEXT_PARAMETER = 3;

  /** minidump2: Breakpad's own symbol files give Breakpad's own names. */
  @Test
  void breakpadsStackWithItsSymbols() throws IOException {
    Path folder = shared("data/user/breakpad");
    UserDump dump = UserDump.withBreakpad(folder.resolve("minidump2.dmp"), folder.resolve("sym"));
    List<String> expected = new ArrayList<>();
    for (String line :
        Files.readAllLines(folder.resolve("minidump2.stackwalk.machine_readable.out"))) {
      String[] f = line.split("\\|", -1);
      if (f[0].equals("0")) {
        expected.add(f[2].replaceFirst("\\.\\w+$", "") + "!" + f[3]);
      }
    }
    List<String> actual =
        dump.walkAll().getFirst().frames().stream().map(f -> dump.name(f.ip())).toList();
    assertEquals(expected, actual);
    assertEquals(4, actual.size());
  }

  /** The same dump without symbols, against the snapshot of another implementation. */
  @Test
  void rustMinidumpsStackWithoutSymbols() throws IOException {
    UserDump dump = UserDump.bare(shared("data/user/rust-minidump/test.dmp"));
    String snapshot =
        Files.readString(shared("data/golden/rust-minidump/test_minidump_stackwalk__human.snap"));
    List<String> expected = new ArrayList<>();
    Matcher m = Pattern.compile("eip = 0x(\\w+)\\s+esp = 0x(\\w+)").matcher(snapshot);
    while (m.find()) {
      expected.add(m.group(1) + " " + m.group(2));
    }
    List<String> actual =
        dump.walkAll().getFirst().frames().stream()
            .map(f -> "%08x %08x".formatted(f.ip(), f.sp()))
            .toList();
    assertEquals(expected, actual);
  }

  /** Four threads with the PDB of the program; Sentry's addresses lie inside the calls. */
  @Test
  void sentrysStacks() throws IOException {
    UserDump dump =
        UserDump.withImages(
            shared("data/user/sentry/windows.dmp"), shared("data/pdb/sentry").toString());
    List<List<Long>> expected = new ArrayList<>();
    Matcher m =
        Pattern.compile("thread_id: (\\d+)|instruction_addr: \"0x(\\w+)\"")
            .matcher(
                Files.readString(
                    shared(
                        "data/golden/sentry/"
                            + "integration__process_minidump__minidump_windows.snap")));
    while (m.find()) {
      if (m.group(1) != null) {
        expected.add(new ArrayList<>());
      } else {
        expected.getLast().add(Long.parseLong(m.group(2), 16));
      }
    }
    List<CallStack> stacks = dump.walkAll();
    assertEquals(expected.size(), stacks.size());
    for (int i = 0; i < expected.size(); i++) {
      for (int k = 0; k < expected.get(i).size(); k++) {
        long back = stacks.get(i).frames().get(k).ip() - expected.get(i).get(k);
        assertTrue(back == 0 || back == 1, "thread " + i + " frame " + k);
      }
    }
  }

  /**
   * A real triage dump, from the context of the exception: exact as long as the images are there
   * (amdppm, Wdf01000), up to the first frame in the kernel, whose image is not.
   */
  @Test
  void rizinsTriageStackWhereImagesAre() throws IOException {
    KernelTarget target = KernelTarget.open(shared("data/kernel/rizin_triage_x64.dmp"));
    SymbolPath images = SymbolPath.parse(shared("data/images/rizin-symstore").toString());
    SymbolSet symbols =
        new SymbolSet(
            TargetModules.identities(target), new SymbolLoader(images, images, List.of(), false));
    Optional<CpuContext> start =
        ContextRecord.read(
            target.arch(),
            target.memory(),
            target.header().bugCheckParameters().get(CONTEXT_PARAMETER));
    CallStack stack =
        new StackWalker(target.arch(), target.memory(), CodeMap.of(symbols), StackEnvironment.NONE)
            .walk(start.orElseThrow(), 0x100);
    List<Long> expected = new ArrayList<>();
    Matcher m =
        Pattern.compile("(?m)^\\d+\\s+0x(\\w+) sp: .*pdb\\.(amdppm|Wdf01000|ntkrnlmp)\\.")
            .matcher(Files.readString(shared("data/golden/rizin/rizin_triage_test_db.txt")));
    boolean entered = false;
    while (m.find()) {
      boolean kernel = m.group(2).equals("ntkrnlmp");
      entered |= !kernel;
      if (entered) {
        expected.add(Long.parseUnsignedLong(m.group(1), 16));
        if (kernel) {
          break;
        }
      }
    }
    assertEquals(17, expected.size());
    assertEquals(expected, stack.frames().stream().map(Frame::ip).limit(expected.size()).toList());
    assertTrue(stack.notes().stream().anyMatch(n -> n.startsWith("nt: no unwind information")));
  }

  private static Path shared(String relative) {
    Optional<Path> path = SharedFolder.find(relative);
    Assumptions.assumeTrue(path.isPresent(), "needs ../shared/" + relative);
    return path.orElseThrow();
  }
}
