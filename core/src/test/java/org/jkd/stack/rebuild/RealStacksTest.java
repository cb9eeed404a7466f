// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.mini.MiniDump;
import org.jkd.sample.SharedFolder;
import org.jkd.stack.CallStack;
import org.jkd.stack.CodeMap;
import org.jkd.stack.Frame;
import org.jkd.stack.KernelStackEnvironment;
import org.jkd.stack.StackEnvironment;
import org.jkd.stack.StackWalker;
import org.jkd.stack.TargetModules;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.symbols.SymbolSet;
import org.jkd.target.KernelTarget;
import org.jkd.target.Target;
import org.jkd.target.UserTarget;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real overflows of user stacks: frames that are called exact are those of kd's walk. */
class RealStacksTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "x86-O2gs-so-self, 130020",
    "x86-O2ebp-so-big, 680",
    "x86-O2fpo-so-cycle3, 13400",
    "x86-O2fpo-shapes, 10",
    "x64-O2fpo-so-cycle3, 9200",
    "x64-O2gs-so-big, 660",
    "x64-O2fpo-shapes, 10"
  })
  void exactFramesAreThoseOfTheWalk(String name, int atLeast) throws IOException {
    Optional<Path> wine = SharedFolder.find("data/wine");
    Assumptions.assumeTrue(wine.isPresent(), "needs ../shared/data/wine");
    Path folder = wine.get();
    UserTarget target = new UserTarget(MiniDump.open(folder.resolve(name + ".dmp")));
    String bin = folder.resolve("bin/" + binary(name)).toString();
    SymbolPath path = SymbolPath.parse(bin);
    SymbolSet symbols =
        new SymbolSet(
            TargetModules.identities(target), new SymbolLoader(path, path, List.of(), false));
    compare(target, symbols, atLeast);
  }

  @Test
  void breakpadsExhaustedStack() throws IOException {
    Optional<Path> folder = SharedFolder.find("data/user/breakpad");
    Assumptions.assumeTrue(folder.isPresent(), "needs ../shared/data/user/breakpad");
    UserTarget target = new UserTarget(MiniDump.open(folder.get().resolve("stack_exhaustion.dmp")));
    SymbolPath path = SymbolPath.parse(folder.get().resolve("sym").toString());
    SymbolSet symbols =
        new SymbolSet(
            TargetModules.identities(target), new SymbolLoader(path, path, List.of(), false));
    compare(target, symbols, 0);
  }

  /** Small dumps of real machines; the images of some modules of one of them are at hand. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "1e, 0",
    "3b_0, 0",
    "50_0, 0",
    "7e_0, 0",
    "9f, 0",
    "be_0, 0",
    "d1, 0",
    "ef, 0",
    "rizin_triage_x64, 15"
  })
  void exactFramesOfSmallDumpsAreThoseOfTheWalk(String name, int atLeast) throws IOException {
    Optional<Path> data = SharedFolder.find("data");
    Assumptions.assumeTrue(data.isPresent(), "needs ../shared/data");
    KernelTarget target = KernelTarget.open(data.get().resolve("kernel/" + name + ".dmp"));
    SymbolPath images = SymbolPath.parse(data.get().resolve("images/rizin-symstore").toString());
    SymbolSet symbols =
        new SymbolSet(
            TargetModules.identities(target), new SymbolLoader(images, images, List.of(), false));
    StackRequest request = KernelRequests.crash(target, false).orElseThrow();
    RebuiltStack stack = reconstructor(target, symbols).rebuild(request);
    OptionalLong sp = stack.stackPointer();
    CpuContext start =
        request.contexts().stream()
            .filter(c -> OptionalLong.of(c.sp()).equals(sp))
            .findFirst()
            .orElseThrow();
    CallStack walk =
        new StackWalker(
                target.arch(),
                target.memory(),
                CodeMap.of(symbols),
                new KernelStackEnvironment(target, target.currentThread()))
            .walk(start, 0x100);
    agree(walk, stack, atLeast);
  }

  /** Stacks that did not overflow: below the live frames lie stale ones, and they look as good. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"3b_0", "be_0", "d1", "ef"})
  void theBugChecksArgumentsTellTheLiveTopWithoutRegisters(String name) throws IOException {
    Optional<Path> data = SharedFolder.find("data");
    Assumptions.assumeTrue(data.isPresent(), "needs ../shared/data");
    KernelTarget target = KernelTarget.open(data.get().resolve("kernel/" + name + ".dmp"));
    SymbolPath images = SymbolPath.parse(data.get().resolve("images/rizin-symstore").toString());
    SymbolSet symbols =
        new SymbolSet(
            TargetModules.identities(target), new SymbolLoader(images, images, List.of(), false));
    Reconstructor reconstructor = reconstructor(target, symbols);
    RebuiltStack free = reconstructor.rebuild(KernelRequests.crash(target, true).orElseThrow());
    long sp = target.context().sp();
    long innermost = free.frames().getFirst().slot().orElseThrow();
    // KeBugCheckEx may have pushed something before it saved its registers.
    assertTrue(
        innermost >= sp && innermost - sp <= 0x40,
        Long.toHexString(innermost) + " is not just above " + Long.toHexString(sp));
  }

  private static void compare(UserTarget target, SymbolSet symbols, int atLeast) {
    CpuContext start = target.context(target.firstThread().orElseThrow()).orElseThrow();
    CallStack walk =
        new StackWalker(target.arch(), target.memory(), CodeMap.of(symbols), StackEnvironment.NONE)
            .walk(start, 1 << 18);
    agree(walk, reconstructor(target, symbols).rebuild(request(target, start)), atLeast);
  }

  /** A {@code __try} of clang-cl in user mode: three registers lie between EBP and the record. */
  @Test
  void theExceptionListOfTheTebConfirmsAFrame() throws IOException {
    Optional<Path> wine = SharedFolder.find("data/wine");
    Assumptions.assumeTrue(wine.isPresent(), "needs ../shared/data/wine");
    Path dump = wine.get().resolve("x86-O2fpo-shapes.dmp");
    UserTarget target = new UserTarget(MiniDump.open(dump));
    SymbolPath path = SymbolPath.parse(wine.get().resolve("bin/x86-O2fpo").toString());
    SymbolSet symbols =
        new SymbolSet(
            TargetModules.identities(target), new SymbolLoader(path, path, List.of(), false));
    CpuContext start = target.context(target.firstThread().orElseThrow()).orElseThrow();
    long teb = target.firstThread().orElseThrow().teb();
    StackRequest request =
        KernelRequests.around(
                target.memory(),
                start,
                false,
                KernelRequests.hints(target.arch(), target.memory(), teb))
            .orElseThrow();
    RebuiltStack stack = reconstructor(target, symbols).rebuild(request);
    List<String> confirmed =
        stack.frames().stream()
            .filter(f -> f.evidence().stream().anyMatch(e -> e.name().startsWith("exception-")))
            .map(f -> stack.frames().get(f.index() - 1).function())
            .toList();
    assertEquals(List.of("app!f_seh"), confirmed);
  }

  /** Up to its first warning kd's walk had full information: nothing exact may differ from it. */
  private static void agree(CallStack walk, RebuiltStack stack, int atLeast) {
    Map<Long, Long> walked = new HashMap<>();
    for (Frame f : walk.frames()) {
      if (f.warning().isPresent()) {
        break;
      }
      f.slot().ifPresent(slot -> walked.put(slot, f.returnAddress()));
    }
    long top = walked.keySet().stream().max(Long::compareUnsigned).orElse(0L);
    List<String> contradicted = new ArrayList<>();
    int same = 0;
    for (RebuiltFrame f : stack.frames()) {
      if (f.slot().isEmpty() || Long.compareUnsigned(f.slot().getAsLong(), top) > 0) {
        continue;
      }
      Long word = walked.get(f.slot().getAsLong());
      if (word != null && word == f.ip()) {
        same++;
      } else if (f.trust() == Trust.EXACT) {
        contradicted.add(Long.toHexString(f.slot().getAsLong()) + " " + f.symbol());
      }
    }
    assertEquals(List.of(), contradicted);
    assertTrue(same >= atLeast, "only " + same + " frames in common");
  }

  private static String binary(String name) {
    String[] parts = name.split("-", -1);
    return parts[0] + "-" + parts[1];
  }

  private static StackRequest request(UserTarget target, CpuContext start) {
    return KernelRequests.around(target.memory(), start, false).orElseThrow();
  }

  private static Reconstructor reconstructor(Target target, SymbolSet symbols) {
    List<CodeImage> images = new ArrayList<>();
    for (ModuleIdentity m : symbols.modules()) {
      SymbolLoader.Result loaded = symbols.loaded(m);
      images.add(
          new CodeImage(
              m.name(),
              target.arch(),
              m.base(),
              m.size(),
              target.memory(),
              loaded.imageFile().map(SymbolLoader.ImageFile::image),
              Optional.of(loaded.symbols())));
    }
    return Reconstructor.of(target.memory(), new CodeSpace(target.arch(), target.memory(), images));
  }
}
