// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jkd.image.Cancellation;
import org.jkd.pe.PeImage;
import org.jkd.symbols.SymbolFormat.Opened;

/**
 * Symbol and image files that are opened once and used for many dumps, by several threads at once.
 * What nobody uses is let go when memory runs short.
 */
final class SharedFiles {
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
