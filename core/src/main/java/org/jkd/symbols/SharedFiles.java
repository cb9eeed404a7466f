// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jkd.image.Cancellation;
import org.jkd.pe.PeImage;
import org.jkd.symbols.SymbolFormat.Opened;

/**
 * Symbol and image files that are looked for and opened once and used for many dumps, by several
 * threads at once. What nobody uses is let go when memory runs short.
 */
final class SharedFiles {
  /** Answers that are kept; dumps can ask for any number of files that do not exist. */
  private static final int MAX_ANSWERS = 1 << 13;

  private final Map<Object, Answer> answers = new ConcurrentHashMap<>();
  private final Map<ImageKey, Slot<ModuleSymbols>> ofImages = new ConcurrentHashMap<>();
  private final Map<Path, Slot<Opened>> symbols = new ConcurrentHashMap<>();
  private final Map<Path, Slot<PeImage>> images = new ConcurrentHashMap<>();

  /** A file: not looked at yet, unusable, or open. Its monitor guards the opening. */
  private static final class Slot<T> {
    private boolean unusable;
    private SoftReference<T> file = new SoftReference<>(null);

    synchronized Optional<T> get(Supplier<Optional<T>> open) {
      T known = file.get();
      if (known != null || unusable) {
        return Optional.ofNullable(known);
      }
      Cancellation.check();
      Optional<T> opened = open.get();
      // A thread that is interrupted cannot open files; that says nothing about the file.
      Cancellation.check();
      unusable = opened.isEmpty();
      file = new SoftReference<>(opened.orElse(null));
      return opened;
    }
  }

  /**
   * What an image is found by.
   *
   * @param name of its file
   * @param timestamp of its header
   * @param size bytes of address space
   */
  record ImageKey(String name, long timestamp, long size) {
    static ImageKey of(ModuleIdentity module) {
      return new ImageKey(module.imageName(), module.timestamp(), module.size());
    }
  }

  /** What came of looking for files, with what was said meanwhile. */
  private record Answer(List<Path> files, List<String> lines) {}

  /**
   * The files that somebody looked for earlier, or looks for now.
   *
   * @param question what decides the answer: equal questions have equal answers
   * @param lasting tells whether the answer can be kept
   * @param log gets what is said about the search, also when it was done earlier
   */
  List<Path> files(
      Object question,
      Predicate<List<Path>> lasting,
      Consumer<String> log,
      Function<Consumer<String>, List<Path>> search) {
    Answer known = answers.get(question);
    if (known == null) {
      Cancellation.check();
      List<String> lines = new ArrayList<>();
      List<Path> found = search.apply(lines::add);
      // A thread that is interrupted cannot look into files, and finds nothing.
      Cancellation.check();
      known = new Answer(List.copyOf(found), List.copyOf(lines));
      if (lasting.test(found)) {
        if (answers.size() >= MAX_ANSWERS) {
          answers.clear();
        }
        answers.put(question, known);
      }
    }
    known.lines().forEach(log);
    return known.files();
  }

  /** Symbols that belong to an image without a PDB, made fit for several threads. */
  Optional<ModuleSymbols> withoutPdb(ImageKey image, Supplier<Optional<ModuleSymbols>> open) {
    if (ofImages.size() >= MAX_ANSWERS) {
      ofImages.clear();
    }
    return ofImages
        .computeIfAbsent(image, i -> new Slot<>())
        .get(() -> open.get().map(LockedSymbols::new));
  }

  /** A symbol file, made fit for several threads; empty when it could not be opened. */
  Optional<Opened> symbols(Path path, Supplier<Optional<Opened>> open) {
    return symbols
        .computeIfAbsent(path, p -> new Slot<>())
        .get(() ->
            open.get()
                .map(o ->
                    new Opened(new LockedSymbols(o.symbols()), o.guid(), o.age(), o.pdbName())));
  }

  /** An image file; empty when it could not be opened. */
  Optional<PeImage> image(Path path, Supplier<Optional<PeImage>> open) {
    return images.computeIfAbsent(path, p -> new Slot<>()).get(open);
  }
}
