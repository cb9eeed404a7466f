// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jkd.image.Cancellation;
import org.jkd.image.CancelledException;
import org.jspecify.annotations.Nullable;

/**
 * Finds files in stores. One object serves a whole session, from several threads: it remembers what
 * servers do not have and which of them do not answer.
 */
public final class Stores {
  private final StoreSettings settings;
  private final FolderStore folders = new FolderStore();
  private final Map<URI, HttpStore> servers = new ConcurrentHashMap<>();
  private final Map<String, Object> busy = new ConcurrentHashMap<>();
  private volatile @Nullable Download download;

  public Stores(StoreSettings settings) {
    this.settings = settings;
  }

  /** How servers are asked. */
  public StoreSettings settings() {
    return settings;
  }

  /** Folders in the layout of a store. */
  public FolderStore folders() {
    return folders;
  }

  /** Forgets what is not there and who does not answer, so that everybody is asked again. */
  public void forget() {
    servers.clear();
    folders.forget();
  }

  /**
   * Looks along a chain for a file that passes its check.
   *
   * @param ask whether servers may be asked
   * @param log gets a line for every place that did not have it: the place, a colon, and why
   */
  public Optional<Path> find(StoreChain chain, Wanted wanted, Ask ask, Consumer<String> log) {
    List<Path> before = new ArrayList<>();
    for (StoreChain.Place place : chain.places()) {
      switch (place) {
        case StoreChain.Folder(Path path) -> {
          Optional<Path> found = inFolder(path, before, wanted, log);
          if (found.isPresent()) {
            return found;
          }
          before.add(path);
        }
        case StoreChain.DefaultCache c -> {
          Path path = settings.cache();
          Optional<Path> found =
              Files.isDirectory(path) ? inFolder(path, before, wanted, log) : Optional.empty();
          if (found.isPresent()) {
            return found;
          }
          before.add(path);
        }
        case StoreChain.Server(URI url) -> {
          if (settings.offline()) {
            log.accept(url + ": not asked, offline");
          } else if (ask != Ask.NOBODY) {
            Optional<Path> found = onServer(url, before, wanted, ask, log);
            if (found.isPresent()) {
              return found;
            }
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Whether servers may be asked. */
  public enum Ask {
    /** Folders only. */
    NOBODY,
    /** Servers, unless it is known that they have not got it. */
    SERVERS,
    /** Servers, even if they did not have it a while ago. */
    AGAIN
  }

  private Optional<Path> inFolder(
      Path root, List<Path> before, Wanted wanted, Consumer<String> log) {
    if (!Files.isDirectory(root)) {
      log.accept(root + ": no such folder");
      return Optional.empty();
    }
    Optional<FolderStore.Entry> entry = folders.find(root, wanted, log);
    if (entry.isEmpty()) {
      log.accept(root + ": not there");
      return Optional.empty();
    }
    try {
      return switch (entry.get()) {
        case FolderStore.Entry.Plain(Path file) ->
            passes(file, wanted, log)
                ? Optional.of(copied(file, before, wanted, log))
                : Optional.empty();
        case FolderStore.Entry.Packed(Path cabinet) -> unpacked(cabinet, before, wanted, log);
      };
    } catch (IOException e) {
      Cancellation.check();
      log.accept(root + ": " + StoreText.reason(e));
      return Optional.empty();
    }
  }

  /** Looks into a file that was found; says why it is not the one. */
  public static boolean passes(Path file, Wanted wanted, Consumer<String> log) {
    try {
      Optional<String> refusal = wanted.check().refusal(file);
      refusal.ifPresent(why -> log.accept(file + ": " + why));
      return refusal.isEmpty();
    } catch (IOException e) {
      Cancellation.check();
      log.accept(file + ": " + StoreText.reason(e));
      return false;
    }
  }

  /** Copies a file into the stores before the one where it was, the nearest first. */
  private Path copied(Path file, List<Path> before, Wanted wanted, Consumer<String> log) {
    Path result = file;
    for (Path root : before.reversed()) {
      try {
        result = cache(root).copy(result, wanted);
      } catch (IOException e) {
        Cancellation.check();
        log.accept(root + ": cannot be written: " + StoreText.reason(e));
      }
    }
    return result;
  }

  private CacheFolder cache(Path root) {
    return new CacheFolder(root, folders.isTwoTier(root));
  }

  /** Where to write when there is no folder before the place. */
  private List<Path> targets(List<Path> before) {
    return before.isEmpty() ? List.of(settings.cache()) : before;
  }

  private Optional<Path> unpacked(
      Path cabinet, List<Path> before, Wanted wanted, Consumer<String> log) throws IOException {
    List<Path> targets = targets(before);
    CacheFolder cache = cache(targets.getLast());
    if (before.isEmpty()) {
      // The default cache is not among the places that were searched: it may have been done before.
      Optional<FolderStore.Entry> there = folders.find(targets.getLast(), wanted, line -> {});
      if (there.isPresent()
          && there.get() instanceof FolderStore.Entry.Plain(Path file)
          && passes(file, wanted, log)) {
        return Optional.of(file);
      }
    }
    Path temporary;
    try {
      temporary = cache.temporary();
    } catch (IOException e) {
      Cancellation.check();
      log.accept(
          cabinet + ": the cache " + cache.root() + " cannot be written: " + StoreText.reason(e));
      return Optional.empty();
    }
    try {
      Optional<String> refusal = Unpacking.expand(cabinet, temporary, settings.maxBytes());
      refusal = refusal.isPresent() ? refusal : wanted.check().refusal(temporary);
      if (refusal.isPresent()) {
        log.accept(cabinet + ": " + refusal.get());
        return Optional.empty();
      }
      Path kept = cache.keep(temporary, wanted);
      return Optional.of(copied(kept, targets.subList(0, targets.size() - 1), wanted, log));
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private Optional<Path> onServer(
      URI url, List<Path> before, Wanted wanted, Ask ask, Consumer<String> log) {
    List<Path> targets = targets(before);
    Path root = targets.getLast();
    // Two threads that want the same file share one download.
    String one = root + " " + wanted.text();
    synchronized (busy.computeIfAbsent(one, k -> new Object())) {
      Optional<FolderStore.Entry> there = folders.find(root, wanted, line -> {});
      Optional<Path> found =
          there.isPresent()
                  && there.get() instanceof FolderStore.Entry.Plain(Path file)
                  && passes(file, wanted, line -> {})
              ? Optional.of(file)
              : server(url).find(wanted, cache(root), ask != Ask.AGAIN, log);
      return found.map(f -> copied(f, targets.subList(0, targets.size() - 1), wanted, log));
    }
  }

  private HttpStore server(URI url) {
    return servers.computeIfAbsent(url, u -> new HttpStore(u, download(), settings));
  }

  private synchronized Download download() {
    @Nullable Download d = download;
    if (d == null) {
      d = new Download(settings);
      download = d;
    }
    return d;
  }

  /**
   * Runs jobs that fetch files, several at a time, until all are done.
   *
   * @throws org.jkd.image.CancelledException if the thread is interrupted, which ends all of them
   */
  public void together(List<Runnable> jobs) {
    Semaphore places = new Semaphore(settings.parallel());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Runnable job : jobs) {
        threads.execute(() -> {
          places.acquireUninterruptibly();
          try {
            job.run();
          } catch (CancelledException e) {
            return; // whoever interrupted is told by his own thread
          } finally {
            places.release();
          }
        });
      }
    }
    Cancellation.check();
  }
}
