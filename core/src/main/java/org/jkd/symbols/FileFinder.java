// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jkd.symbols.store.FolderStore;
import org.jkd.symbols.store.StoreChain;
import org.jkd.symbols.store.StoreNames;
import org.jkd.symbols.store.Stores;
import org.jkd.symbols.store.Wanted;
import org.jspecify.annotations.Nullable;

/**
 * Finds files along a {@link SymbolPath}: in folders as dbghelp searches them, in stores, and on
 * servers.
 */
public final class FileFinder {
  private final SymbolPath path;
  private final Stores stores;

  /** Looks along a path. */
  public FileFinder(SymbolPath path, Stores stores) {
    this.path = path;
    this.stores = stores;
  }

  /** The path that is looked along. */
  public SymbolPath path() {
    return path;
  }

  /**
   * The first file along the path that passes its check.
   *
   * @param ask whether servers may be asked
   * @param log gets a line for every place that did not have it: the place, a colon, and why
   */
  public Optional<Path> find(Wanted wanted, Stores.Ask ask, Consumer<String> log) {
    Optional<String> bad = StoreNames.nameRefusal(wanted.name());
    if (bad.isEmpty() && !wanted.key().isEmpty()) {
      bad = StoreNames.keyRefusal(wanted.key());
    }
    if (bad.isPresent()) {
      log.accept("not looked for: " + bad.get());
      return Optional.empty();
    }
    Set<String> said = new LinkedHashSet<>();
    Consumer<String> once =
        line -> {
          if (said.add(line)) {
            log.accept(line);
          }
        };
    for (SymbolPath.Element element : path.elements()) {
      Optional<Path> found =
          switch (element) {
            case SymbolPath.Folder(Path folder) -> inFolder(folder, wanted, ask, once);
            case SymbolPath.Store(StoreChain chain) ->
                wanted.key().isEmpty() ? Optional.empty() : stores.find(chain, wanted, ask, once);
            case SymbolPath.Unreachable u -> {
              once.accept(u.text() + ": " + u.reason());
              yield Optional.empty();
            }
          };
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Path> inFolder(
      Path folder, Wanted wanted, Stores.Ask ask, Consumer<String> log) {
    if (!Files.isDirectory(folder)) {
      log.accept(folder + ": no such folder");
      return Optional.empty();
    }
    List<String> other = new ArrayList<>();
    if (!wanted.key().isEmpty()) {
      StoreChain alone = new StoreChain(List.of(new StoreChain.Folder(folder)));
      Optional<Path> found = stores.find(alone, wanted, ask, other::add);
      if (found.isPresent()) {
        return found;
      }
    }
    // Lines about files that are there but wrong are worth more than one about nothing.
    String nothing = folder + ": not there";
    boolean any = false;
    for (String line : other) {
      if (!line.equals(nothing)) {
        log.accept(line);
        any = true;
      }
    }
    for (Path file : places(folder, wanted)) {
      any = true;
      if (Stores.passes(file, wanted, log)) {
        return Optional.of(file);
      }
    }
    if (!any) {
      log.accept(nothing);
    }
    return Optional.empty();
  }

  /** Files of the name in a folder, sorted by the extensions of images or not. */
  private List<Path> places(Path folder, Wanted wanted) {
    String name = wanted.name();
    Set<String> extensions = new LinkedHashSet<>();
    extensions.add(wanted.extension());
    extensions.add(name.substring(name.lastIndexOf('.') + 1));
    List<Path> found = new ArrayList<>();
    add(found, folders().walk(folder, name));
    for (String extension : extensions) {
      add(found, folders().walk(folder, extension, name));
      add(found, folders().walk(folder, "symbols", extension, name));
    }
    return found;
  }

  private FolderStore folders() {
    return stores.folders();
  }

  private static void add(List<Path> found, @Nullable Path file) {
    if (file != null && Files.isRegularFile(file) && !found.contains(file)) {
      found.add(file);
    }
  }

  /** Files at given places below the roots of the path, the places in order of preference. */
  public List<Path> at(List<List<String>> places) {
    List<Path> found = new ArrayList<>();
    for (List<String> place : places) {
      if (place.stream().allMatch(n -> StoreNames.nameRefusal(n).isEmpty())) {
        String[] names = place.toArray(new String[0]);
        roots().forEach(r -> add(found, folders().walk(r, names)));
      }
    }
    return found;
  }

  /** What stands in the folders of a store for one file name: all its versions. */
  public List<Path> versions(String name) {
    List<Path> result = new ArrayList<>();
    if (StoreNames.nameRefusal(name).isPresent()) {
      return result;
    }
    for (Path root : roots()) {
      @Nullable Path folder = folders().walk(root, name);
      if (folder != null && Files.isDirectory(folder)) {
        result.addAll(folders().children(folder));
      } else if (folder != null) {
        result.add(folder);
      }
    }
    return result;
  }

  private List<Path> roots() {
    Set<Path> roots = new LinkedHashSet<>();
    for (SymbolPath.Element element : path.elements()) {
      switch (element) {
        case SymbolPath.Folder(Path p) -> roots.add(p);
        case SymbolPath.Store(StoreChain chain) -> {
          for (StoreChain.Place place : chain.places()) {
            switch (place) {
              case StoreChain.Folder(Path p) -> roots.add(p);
              case StoreChain.DefaultCache c -> roots.add(stores.settings().cache());
              case StoreChain.Server s -> {
                // Servers have no listing.
              }
            }
          }
        }
        case SymbolPath.Unreachable u -> {
          // Nothing to look into.
        }
      }
    }
    return List.copyOf(roots);
  }
}
