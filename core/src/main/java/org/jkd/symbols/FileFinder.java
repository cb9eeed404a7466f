// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds files along a {@link SymbolPath}. Names match in any case, whatever the file system thinks
 * of it, because the stores of one system are read on another.
 */
public final class FileFinder {
  /** A store of more than this many different files is looked up by exact names alone. */
  private static final int MAX_LISTING = 1 << 18;

  private static final int MAX_POINTER = 4096;

  private final SymbolPath path;
  private final Map<Path, Map<String, Path>> listings = new ConcurrentHashMap<>();

  /** Looks along a path; folders are listed at most once. */
  public FileFinder(SymbolPath path) {
    this.path = path;
  }

  /** The path that is looked along. */
  public SymbolPath path() {
    return path;
  }

  /**
   * All files that may be the one wanted, best first. Whether one is must be seen in the file.
   *
   * @param name the file's name
   * @param key its key in a store, or empty when it is not known
   * @param log gets a line for places that could not be looked in
   */
  public List<Path> candidates(String name, String key, Consumer<String> log) {
    List<Path> found = new ArrayList<>();
    if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.equals("..")) {
      return found;
    }
    for (SymbolPath.Element element : path.elements()) {
      switch (element) {
        case SymbolPath.Folder(Path folder) -> {
          if (!Files.isDirectory(folder)) {
            log.accept(folder + ": no such folder");
            continue;
          }
          inStore(folder, name, key, found, log);
          int dot = name.lastIndexOf('.');
          String extension = dot < 0 ? "" : name.substring(dot + 1);
          add(found, walk(folder, name));
          add(found, walk(folder, "symbols", extension, name));
          add(found, walk(folder, extension, name));
        }
        case SymbolPath.Store(Path store) -> {
          if (!Files.isDirectory(store)) {
            log.accept(store + ": no such folder");
            continue;
          }
          inStore(store, name, key, found, log);
        }
        case SymbolPath.Unreachable u -> log.accept(u.text() + ": " + u.reason());
      }
    }
    return found;
  }

  private static void add(List<Path> found, @Nullable Path file) {
    if (file != null && Files.isRegularFile(file) && !found.contains(file)) {
      found.add(file);
    }
  }

  private void inStore(Path root, String name, String key, List<Path> found, Consumer<String> log) {
    if (key.isEmpty()) {
      return;
    }
    Path folder = walk(root, name, key);
    if (folder == null && walk(root, "index2.txt") != null && name.length() >= 2) {
      folder = walk(root, name.substring(0, 2), name, key);
    }
    if (folder == null || !Files.isDirectory(folder)) {
      return;
    }
    Path file = walk(folder, name);
    if (file != null) {
      add(found, file);
      return;
    }
    Path pointer = walk(folder, "file.ptr");
    if (pointer != null) {
      add(found, followed(pointer, log));
      return;
    }
    Path packed = walk(folder, name.substring(0, name.length() - 1) + "_");
    if (packed != null) {
      log.accept(packed + ": compressed files of a store are not expanded");
    }
  }

  private static @Nullable Path followed(Path pointer, Consumer<String> log) {
    try {
      if (Files.size(pointer) <= MAX_POINTER) {
        String text = Files.readString(pointer, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PATH:")) {
          return Path.of(text.substring(5).strip());
        }
        log.accept(pointer + ": " + text.strip());
      }
    } catch (IOException | InvalidPathException e) {
      log.accept(pointer + ": " + e.getMessage());
    }
    return null;
  }

  /** Files at given places below the roots of the path, the places in order of preference. */
  public List<Path> at(List<List<String>> places) {
    List<Path> found = new ArrayList<>();
    for (List<String> place : places) {
      String[] names = place.toArray(new String[0]);
      roots().forEach(r -> add(found, walk(r, names)));
    }
    return found;
  }

  /** What stands in the folders of a store for one file name: all its versions. */
  public List<Path> versions(String name) {
    List<Path> result = new ArrayList<>();
    for (Path root : roots()) {
      Path folder = walk(root, name);
      if (folder != null && Files.isDirectory(folder)) {
        listing(folder).values().stream().sorted().forEach(result::add);
      } else if (folder != null) {
        result.add(folder);
      }
    }
    return result;
  }

  private List<Path> roots() {
    List<Path> roots = new ArrayList<>();
    for (SymbolPath.Element element : path.elements()) {
      switch (element) {
        case SymbolPath.Folder(Path p) -> roots.add(p);
        case SymbolPath.Store(Path p) -> roots.add(p);
        case SymbolPath.Unreachable u -> {
          // Nothing to look into.
        }
      }
    }
    return roots;
  }

  /** Follows names downwards, each in any case. */
  private @Nullable Path walk(Path from, String... names) {
    Path at = from;
    for (String n : names) {
      Path child = child(at, n);
      if (child == null) {
        return null;
      }
      at = child;
    }
    return at;
  }

  private @Nullable Path child(Path folder, String name) {
    if (name.isEmpty()) {
      return null;
    }
    Path exact = folder.resolve(name);
    if (Files.exists(exact)) {
      return exact;
    }
    return listing(folder).get(name.toLowerCase(Locale.ROOT));
  }

  private Map<String, Path> listing(Path folder) {
    return listings.computeIfAbsent(folder, FileFinder::list);
  }

  private static Map<String, Path> list(Path folder) {
    Map<String, Path> names = new HashMap<>();
    if (!Files.isDirectory(folder)) {
      return names;
    }
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      for (Path p : stream) {
        Optional.ofNullable(p.getFileName())
            .ifPresent(n -> names.putIfAbsent(n.toString().toLowerCase(Locale.ROOT), p));
        if (names.size() >= MAX_LISTING) {
          break;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // A folder that may not be listed can still be walked by exact names.
      return names;
    }
    return names;
  }
}
