// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A store that is written to. A file is made under another name in a work folder of the same store
 * and moved to its place in one step, so that no process ever sees half of one, whoever else writes
 * at the same time and whenever one of them is killed.
 *
 * <p>Beside the store's own layout there is one folder, {@code 000jkd}: unfinished downloads, which
 * a later one goes on with, and notes of what servers do not have.
 */
final class CacheFolder {
  private static final String WORK = "000jkd";

  /** Lock files that this process has open. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final int MAX_LOCK = 1 << 20;
  private static final Duration STALE = Duration.ofDays(7);

  private final Path root;
  private final boolean twoTier;

  CacheFolder(Path root, boolean twoTier) {
    this.root = root;
    this.twoTier = twoTier;
  }

  Path root() {
    return root;
  }

  /** Where a file belongs. Name and key were found harmless before. */
  private Path place(Wanted wanted) {
    String name = wanted.name();
    Path top = twoTier && name.length() >= 2 ? root.resolve(name.substring(0, 2)) : root;
    Path place = top.resolve(name).resolve(wanted.key()).resolve(name).normalize();
    if (!place.startsWith(root.normalize())) {
      throw new IllegalStateException("a name that leaves the store: " + name);
    }
    return place;
  }

  private Path work() throws IOException {
    return Files.createDirectories(root.resolve(WORK));
  }

  /** A new empty file to work in. */
  Path temporary() throws IOException {
    return Files.createFile(work().resolve(UUID.randomUUID() + ".tmp"));
  }

  /** Moves a finished file to its place and gives that place. */
  Path keep(Path finished, Wanted wanted) throws IOException {
    Path place = place(wanted);
    Files.createDirectories(place.getParent());
    try (FileChannel channel = FileChannel.open(finished, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try {
      Files.move(finished, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("the file system of " + root + " moves no file in one step", e);
    } catch (IOException e) {
      // Where a file that is open cannot be replaced, the one that is there is as good as ours.
      if (!Files.isRegularFile(place) || Files.size(place) != Files.size(finished)) {
        throw e;
      }
      Files.delete(finished);
    }
    return place;
  }

  /** Copies a file from another store to its place here. */
  Path copy(Path from, Wanted wanted) throws IOException {
    Path temporary = temporary();
    try {
      Files.copy(from, temporary, StandardCopyOption.REPLACE_EXISTING);
      return keep(temporary, wanted);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * A download that may have been begun before. While it is open, whoever else opens the same one
   * gets a file of his own.
   */
  static final class Partial implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final @Nullable Path lockFile;
    private final @Nullable FileChannel lock;

    private Partial(Path file, @Nullable Path lockFile, @Nullable FileChannel lock)
        throws IOException {
      this.file = file;
      this.lockFile = lockFile;
      this.lock = lock;
      this.channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** The file; it must be complete and its channel closed before it is moved away. */
    Path file() {
      return file;
    }

    /** Where the bytes go. */
    FileChannel channel() {
      return channel;
    }

    /** Closes it and lets others have it. What nobody can go on with is deleted. */
    @Override
    public void close() throws IOException {
      try {
        channel.close();
        if (lock == null || Files.exists(file) && Files.size(file) == 0) {
          Files.deleteIfExists(file);
        }
      } finally {
        if (lock != null && lockFile != null) {
          Files.deleteIfExists(lockFile);
          lock.close();
          HELD.remove(lockFile);
        }
      }
    }
  }

  /** Opens the download of a URL, with what came of it before. */
  Partial partial(String url) throws IOException {
    removeStale();
    Path lockFile = work().resolve(digest(url) + ".lock");
    @Nullable FileChannel lock = locked(lockFile);
    if (lock == null) {
      return new Partial(temporary(), null, null);
    }
    try {
      return new Partial(work().resolve(digest(url) + ".part"), lockFile, lock);
    } catch (IOException e) {
      lock.close();
      HELD.remove(lockFile);
      throw e;
    }
  }

  /**
   * Locks a file; null when another has it. The file is deleted by its holder, so a lock could be
   * had on one that is gone already: it is given a size of its own through the lock, which must be
   * seen by the name. (Reading it by the name would not do: where locks belong to processes,
   * closing the file once gives up all locks on it.)
   */
  private static @Nullable FileChannel locked(Path file) throws IOException {
    // Within this process the file is not even opened twice, for the same reason.
    return HELD.add(file) ? lockedByProcess(file) : null;
  }

  private static @Nullable FileChannel lockedByProcess(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      @Nullable FileLock lock = channel.tryLock(Long.MAX_VALUE - 1, 1, false);
      if (lock != null) {
        long size = 1 + ThreadLocalRandom.current().nextInt(MAX_LOCK);
        channel.truncate(0);
        channel.write(ByteBuffer.allocate(1), size - 1);
        if (Files.exists(file) && Files.size(file) == size) {
          return channel;
        }
      }
    } catch (IOException e) {
      // A file system that knows no locks: each for himself.
      HELD.remove(file);
      channel.close();
      return null;
    }
    HELD.remove(file);
    channel.close();
    return null;
  }

  private void removeStale() throws IOException {
    Instant old = Instant.now().minus(STALE);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(work(), "*.{part,tmp,lock}")) {
      for (Path p : files) {
        if (Files.getLastModifiedTime(p).toInstant().isBefore(old)) {
          Files.deleteIfExists(p);
        }
      }
    } catch (NoSuchFileException e) {
      // Another process removed it first.
      return;
    }
  }

  /** What is noted of a URL that had no file, unless the note is too old. */
  Optional<String> absence(String url, Duration valid) {
    Path note = root.resolve(WORK).resolve(digest(url) + ".absent");
    try {
      Instant written = Files.getLastModifiedTime(note).toInstant();
      if (written.isBefore(Instant.now().minus(valid))) {
        Files.deleteIfExists(note);
        return Optional.empty();
      }
      String text = Files.readString(note, StandardCharsets.UTF_8);
      int line = text.indexOf('\n');
      return line < 0 ? Optional.empty() : Optional.of(StoreText.oneLine(text.substring(0, line)));
    } catch (IOException e) {
      return Optional.empty(); // no note, or none that can be read: the server is asked
    }
  }

  /** Notes that a URL has no file. */
  void noteAbsence(String url, String why) {
    try {
      Path temporary = temporary();
      Files.writeString(temporary, why + "\n" + url + "\n", StandardCharsets.UTF_8);
      Files.setLastModifiedTime(temporary, FileTime.from(Instant.now()));
      Files.move(
          temporary, work().resolve(digest(url) + ".absent"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Without the note the server is asked again next time, which is no harm.
      return;
    }
  }

  private static String digest(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] hash = sha.digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java machine has SHA-256", e);
    }
  }
}
