// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Folders in the layout of a symbol store: {@code name/key/name}, below the first two letters of
 * the name where {@code index2.txt} says so. Names match in any case, whatever the file system
 * thinks of it, because the stores of one system are read on another.
 */
public final class FolderStore {
  /** A folder of more files than this is looked up by exact names alone. */
  private static final int MAX_LISTING = 1 << 18;

  /** The file in the root of a store that is laid out in two tiers. */
  static final String TWO_TIER = "index2.txt";

  /** The file that stands for another one. */
  static final String POINTER = "file.ptr";

  /** Bytes of a pointer. */
  static final int MAX_POINTER = 4096;

  private final Map<Path, Map<String, Path>> listings = new ConcurrentHashMap<>();

  /** What a store has of a file. */
  sealed interface Entry {
    /** The file itself. */
    record Plain(Path file) implements Entry {}

    /** The file in a cabinet. */
    record Packed(Path cabinet) implements Entry {}
  }

  /** Forgets what stands in folders. */
  void forget() {
    listings.clear();
  }

  /** Looks for a file in one store. */
  Optional<Entry> find(Path root, Wanted wanted, Consumer<String> log) {
    @Nullable Path folder = folder(root, wanted.name(), wanted.key());
    if (folder == null) {
      return Optional.empty();
    }
    @Nullable Path file = walk(folder, wanted.name());
    if (file != null && Files.isRegularFile(file)) {
      return Optional.of(new Entry.Plain(file));
    }
    @Nullable Path packed = walk(folder, StoreNames.compressed(wanted.name()));
    if (packed != null && Files.isRegularFile(packed)) {
      return Optional.of(new Entry.Packed(packed));
    }
    @Nullable Path pointer = walk(folder, POINTER);
    return pointer == null ? Optional.empty() : followed(root, pointer, log);
  }

  private @Nullable Path folder(Path root, String name, String key) {
    @Nullable Path folder = walk(root, name, key);
    if (folder == null && name.length() >= 2 && walk(root, TWO_TIER) != null) {
      folder = walk(root, name.substring(0, 2), name, key);
    }
    return folder != null && Files.isDirectory(folder) ? folder : null;
  }

  /** True when a store is laid out by first letters. */
  boolean isTwoTier(Path root) {
    return walk(root, TWO_TIER) != null;
  }

  private static Optional<Entry> followed(Path root, Path pointer, Consumer<String> log) {
    try {
      if (Files.size(pointer) > MAX_POINTER) {
        log.accept(pointer + ": too long for a pointer");
        return Optional.empty();
      }
      String text = Files.readString(pointer, StandardCharsets.ISO_8859_1).strip();
      if (!text.startsWith("PATH:")) {
        log.accept(pointer + ": " + StoreText.oneLine(text));
        return Optional.empty();
      }
      String target = text.substring(5).strip();
      boolean network = target.startsWith("\\\\") || target.startsWith("//");
      if (network && !isNetwork(root)) {
        log.accept(
            pointer + ": points to " + StoreText.oneLine(target) + ", which is not followed");
        return Optional.empty();
      }
      Path file = root.resolve(target);
      if (!Files.isRegularFile(file)) {
        log.accept(pointer + ": points to " + StoreText.oneLine(target) + ", which is not there");
        return Optional.empty();
      }
      return Optional.of(target.endsWith("_") ? new Entry.Packed(file) : new Entry.Plain(file));
    } catch (IOException | InvalidPathException e) {
      log.accept(pointer + ": " + StoreText.reason(e));
      return Optional.empty();
    }
  }

  private static boolean isNetwork(Path root) {
    return root.toString().startsWith("\\\\") || root.toString().startsWith("//");
  }

  /** Follows names downwards, each in any case; null when one is not there. */
  public @Nullable Path walk(Path from, String... names) {
    Path at = from;
    for (String n : names) {
      @Nullable Path child = child(at, n);
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

  /** What stands in a folder, in the order of the names. */
  public List<Path> children(Path folder) {
    return listing(folder).values().stream().sorted().toList();
  }

  private Map<String, Path> listing(Path folder) {
    return listings.computeIfAbsent(folder, FolderStore::list);
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
