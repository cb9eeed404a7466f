// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jkd.cpu.Arch;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.pe.PeImage;
import org.jkd.sample.Json;
import org.jkd.sample.SharedFolder;
import org.jkd.target.KernelTarget;
import org.jkd.target.LoadedModule;
import org.junit.jupiter.api.Test;

/**
 * From a return address and its slot to the slot of the next one, by the code of the images alone:
 * no symbols, no dump. The truth is what an emulator recorded.
 */
class CorpusDepthTest {
  /** Memory of which nothing is there. */
  private static final class NoMemory implements Memory {
    @Override
    public int read(long address, byte[] target, int at, int length) {
      return 0;
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return new Unreadable.NoBlock();
    }
  }

  private static final class Score {
    int right;
    int wrong;
    int unknown;
    int targets;
    int contradicted;
    final List<String> complaints = new ArrayList<>();

    void add(Score other) {
      right += other.right;
      wrong += other.wrong;
      unknown += other.unknown;
      targets += other.targets;
      contradicted += other.contradicted;
      complaints.addAll(other.complaints);
    }

    @Override
    public String toString() {
      return "right "
          + right
          + ", wrong "
          + wrong
          + ", unknown "
          + unknown
          + ", call target confirmed "
          + targets
          + ", contradicted "
          + contradicted;
    }
  }

  private static List<Path> cases() throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus");
    assumeTrue(corpus.isPresent(), "needs ../shared/corpus");
    try (Stream<Path> list = Files.list(corpus.get())) {
      return list.filter(p -> Files.exists(p.resolve("truth.json"))).sorted().toList();
    }
  }

  private static Optional<PeImage> image(Path folder, String file) throws IOException {
    Path versions = folder.resolve("images").resolve(file);
    if (!Files.isDirectory(versions)) {
      return Optional.empty();
    }
    try (Stream<Path> found = Files.walk(versions)) {
      Optional<Path> path = found.filter(Files::isRegularFile).findFirst();
      return path.isEmpty() ? Optional.empty() : Optional.of(PeImage.ofFile(Bytes.map(path.get())));
    }
  }

  private static CodeSpace space(Path folder, Json truth, Arch arch) throws IOException {
    List<CodeImage> images = new ArrayList<>();
    for (Json m : truth.get("modules").list()) {
      Optional<PeImage> file = image(folder, m.get("file").text());
      if (file.isPresent()) {
        images.add(
            new CodeImage(
                m.get("name").text(),
                arch,
                m.get("base").number(),
                m.get("size").number(),
                new NoMemory(),
                file,
                Optional.empty()));
      }
    }
    return new CodeSpace(arch, new NoMemory(), images);
  }

  /** The code that the dump itself holds, and nothing else. */
  private static CodeSpace spaceOfDump(Path folder) throws IOException {
    KernelTarget target = KernelTarget.open(folder.resolve("KERNEL.DMP"));
    List<CodeImage> images = new ArrayList<>();
    for (LoadedModule m : target.modules()) {
      images.add(
          new CodeImage(
              m.name(),
              target.arch(),
              m.base(),
              m.size(),
              target.memory(),
              Optional.empty(),
              Optional.empty()));
    }
    return new CodeSpace(target.arch(), target.memory(), images);
  }

  private static Score scoreOfImages(Path folder) throws IOException {
    Json truth = Json.of(folder.resolve("truth.json"));
    Arch arch = truth.get("arch").text().equals("x86") ? Arch.X86 : Arch.X64;
    return score(truth, space(folder, truth, arch));
  }

  private static Score score(Json truth, CodeSpace space) {
    Score score = new Score();
    List<Json> frames = truth.get("frames").list();
    for (int i = 0; i + 1 < frames.size(); i++) {
      Json inner = frames.get(i);
      Json outer = frames.get(i + 1);
      boolean calls =
          inner.get("kind").text().equals("call")
              && outer.get("kind").text().equals("call")
              && inner.get("stack").text().equals(outer.get("stack").text());
      long ret = inner.get("return").number();
      boolean there =
          space.imageAt(ret).isPresent() && space.op(space.imageAt(ret).get(), ret) != null;
      if (calls && there && !inner.get("stack").text().equals("user")) {
        judge(space, inner, outer.get("slot").number(), score);
      }
    }
    return score;
  }

  private static void judge(CodeSpace space, Json inner, long next, Score score) {
    long slot = inner.get("slot").number();
    Optional<CallSite> site = space.callSite(inner.get("return").number());
    String name = inner.get("return_symbol").text();
    if (site.isEmpty() || !site.get().isInFlow()) {
      score.unknown++;
      score.complaints.add(name + " is no call site");
      return;
    }
    switch (space.agreement(site.get(), inner.get("called").number())) {
      case TARGET, TAIL -> score.targets++;
      case CONTRADICTED -> {
        score.contradicted++;
        score.complaints.add(name + " calls something else");
      }
      case POSSIBLE -> {}
    }
    long[] slots = site.get().depth().returnSlots(slot + space.arch().pointerSize());
    if (slots.length == 0) {
      score.unknown++;
      score.complaints.add(name + " has an unknown depth");
    } else if (LongStream.of(slots).anyMatch(s -> s == next)) {
      score.right++;
    } else {
      score.wrong++;
      score.complaints.add(name + " is " + (next - slot) + ", not " + site.get().depth());
    }
  }

  @Test
  void depthLeadsToTheNextReturnAddress() throws IOException {
    Score total = new Score();
    for (Path folder : cases()) {
      Score score = scoreOfImages(folder);
      System.out.println(folder.getFileName() + ": " + score);
      total.add(score);
    }
    System.out.println("all cases: " + total);
    assertEquals(0, total.wrong, () -> "" + total.complaints);
    assertEquals(0, total.contradicted, () -> "" + total.complaints);
    assertTrue(total.unknown * 100 < total.right, () -> "" + total.complaints);
    assertTrue(total.right > 1000);
  }

  @Test
  void theDumpAloneIsEnoughWhereItHoldsTheCode() throws IOException {
    Score total = new Score();
    for (Path folder : cases()) {
      total.add(score(Json.of(folder.resolve("truth.json")), spaceOfDump(folder)));
    }
    System.out.println("dumps alone: " + total);
    assertEquals(0, total.wrong, () -> "" + total.complaints);
    assertTrue(total.unknown * 100 < total.right, () -> "" + total.complaints);
    assertTrue(total.right > 1000);
  }
}
