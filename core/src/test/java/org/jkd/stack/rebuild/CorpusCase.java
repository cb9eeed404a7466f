// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.target.KernelTarget;
import org.jkd.target.LoadedModule;

/** A case of the corpus, opened under one of the conditions of its README. */
final class CorpusCase {
  /**
   * The conditions, a to f, and beyond them g: the small dump without anything, h: the kernel dump
   * without any page of code, i: the same with symbols.
   */
  enum Condition {
    SYMBOLS_AND_IMAGES,
    IMAGES,
    KERNEL_PUBLICS_AND_IMAGES,
    DUMP_ALONE,
    FREE,
    SMALL_DUMP,
    SMALL_DUMP_ALONE,
    NO_CODE,
    NO_CODE_SYMBOLS;

    char letter() {
      return (char) ('a' + ordinal());
    }

    boolean small() {
      return this == SMALL_DUMP || this == SMALL_DUMP_ALONE;
    }

    private boolean images() {
      return switch (this) {
        case DUMP_ALONE, SMALL_DUMP_ALONE, NO_CODE, NO_CODE_SYMBOLS -> false;
        case SYMBOLS_AND_IMAGES, IMAGES, KERNEL_PUBLICS_AND_IMAGES, FREE, SMALL_DUMP -> true;
      };
    }
  }

  final Truth truth;
  final KernelTarget target;
  final CodeSpace space;
  final Condition condition;
  private final Path folder;

  private CorpusCase(
      Truth truth, KernelTarget target, CodeSpace space, Condition condition, Path folder) {
    this.truth = truth;
    this.target = target;
    this.space = space;
    this.condition = condition;
    this.folder = folder;
  }

  static CorpusCase open(Path folder, Condition condition) throws IOException {
    Truth truth = Truth.read(folder);
    boolean small = condition.small();
    KernelTarget target = KernelTarget.open(folder.resolve(small ? "MINI.DMP" : "KERNEL.DMP"));
    return new CorpusCase(
        truth,
        target,
        space(folder, target, condition, target.memory(), Set.of()),
        condition,
        folder);
  }

  /** The code as it looks in other memory, and without the images of some modules. */
  CodeSpace space(Memory memory, Set<String> without) {
    return space(folder, target, condition, memory, without);
  }

  private static CodeSpace space(
      Path folder, KernelTarget target, Condition condition, Memory memory, Set<String> without) {
    SymbolPath images = condition.images() ? path(folder, "images") : SymbolPath.EMPTY;
    SymbolLoader none = new SymbolLoader(SymbolPath.EMPTY, images, List.of(), false);
    SymbolLoader full = new SymbolLoader(path(folder, "symbols"), images, List.of(), false);
    SymbolLoader publics = new SymbolLoader(path(folder, "symbols"), images, List.of(), true);
    Memory seen =
        condition == Condition.NO_CODE || condition == Condition.NO_CODE_SYMBOLS
            ? withoutCode(target, memory)
            : memory;
    List<CodeImage> code = new ArrayList<>();
    for (LoadedModule m : target.modules()) {
      SymbolLoader loader =
          switch (condition) {
            case SYMBOLS_AND_IMAGES, NO_CODE_SYMBOLS -> full;
            case KERNEL_PUBLICS_AND_IMAGES -> m.name().equals("nt") ? publics : none;
            case IMAGES, DUMP_ALONE, FREE, SMALL_DUMP, SMALL_DUMP_ALONE, NO_CODE -> none;
          };
      SymbolLoader.Result result =
          loader.load(
              new ModuleIdentity(
                  m.name(), m.imageName(), m.base(), m.size(), m.timestamp(), memory),
              Map.of(),
              line -> {});
      code.add(
          new CodeImage(
              m.name(),
              target.arch(),
              m.base(),
              m.size(),
              seen,
              result
                  .imageFile()
                  .filter(f -> !without.contains(m.name()))
                  .map(SymbolLoader.ImageFile::image),
              Optional.of(result.symbols())));
    }
    return new CodeSpace(target.arch(), seen, code);
  }

  /** Memory without the code sections of all modules; their headers stay. */
  private static Memory withoutCode(KernelTarget target, Memory memory) {
    List<CodeImage.Range> hidden = new ArrayList<>();
    for (LoadedModule m : target.modules()) {
      CodeImage image =
          new CodeImage(
              m.name(),
              target.arch(),
              m.base(),
              m.size(),
              memory,
              Optional.empty(),
              Optional.empty());
      if (image.sectionsKnown()) {
        hidden.addAll(image.executable());
      }
    }
    return new Hidden(memory, hidden);
  }

  /** Memory some ranges of which are missing. */
  private record Hidden(Memory memory, List<CodeImage.Range> ranges) implements Memory {
    @Override
    public int read(long address, byte[] target, int at, int length) {
      int end = length;
      for (CodeImage.Range r : ranges) {
        if (r.contains(address)) {
          return 0;
        }
        if (r.start() > address && r.start() - address < end) {
          end = (int) (r.start() - address);
        }
      }
      return memory.read(address, target, at, end);
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return new Unreadable.NoBlock();
    }
  }

  private static SymbolPath path(Path folder, String name) {
    return SymbolPath.parse(folder.resolve(name).toString());
  }

  Reconstructor reconstructor() {
    return Reconstructor.of(target.memory(), space);
  }

  StackRequest request() {
    return KernelRequests.crash(target, condition == Condition.FREE).orElseThrow();
  }

  /** The slots that this dump holds at all; only small dumps lack some. */
  LongPredicate captured() {
    byte[] word = new byte[8];
    int width = target.arch().pointerSize();
    return condition.small()
        ? slot -> target.memory().read(slot, word, 0, width) == width
        : slot -> true;
  }

  Truth.Score score(RebuiltStack stack) {
    return truth.score(Truth.reported(stack), captured());
  }
}
