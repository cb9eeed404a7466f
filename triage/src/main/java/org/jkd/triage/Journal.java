// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.io.Writer;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jkd.image.FormatException;

/**
 * A file of rows, one line of JSON each, that only ever grows. A row is written with one call and
 * is the system's from then on: killing the program loses none. What a kill or a full disk left of
 * a line is cut off when the file is opened again. The disk is asked to keep the rows at least
 * every second, against the loss of power.
 */
public final class Journal implements Closeable {
  private static final long SYNC_NANOS = 1_000_000_000L;

  private final Path path;
  private final RandomAccessFile file;
  private final FileLock lock;
  private final Set<String> done = new HashSet<>();
  private final Map<String, String> keyOfDump = new HashMap<>();
  private boolean superseded;
  private long synced = System.nanoTime();

  private Journal(Path path, RandomAccessFile file, FileLock lock) {
    this.path = path;
    this.file = file;
    this.lock = lock;
  }

  /**
   * Opens a journal.
   *
   * @param earlier gets the rows that are in it already
   * @throws FormatException if the file holds something else than rows
   * @throws IOException if it cannot be written, or another run writes it
   */
  public static Journal open(Path path, Consumer<Map<String, Object>> earlier) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    Journal journal = new Journal(path, file, lock(path, file));
    try {
      long whole = journal.load(earlier);
      file.setLength(whole);
      file.seek(whole);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    return journal;
  }

  private static FileLock lock(Path path, RandomAccessFile file) throws IOException {
    try {
      FileLock lock = file.getChannel().tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      // Another run in this very program: said below, like any other.
    }
    file.close();
    throw new IOException(path + ": another run writes this file");
  }

  /** Reads what is there; the answer is where the last whole row ends. */
  private long load(Consumer<Map<String, Object>> earlier) throws IOException {
    long whole = 0;
    int number = 0;
    // The reader takes lines ended by a line feed only, so that offsets can be counted.
    try (LineBytes lines = new LineBytes(path)) {
      for (byte[] line = lines.next(); line.length > 0; line = lines.next()) {
        number++;
        boolean ended = line[line.length - 1] == '\n';
        if (!ended) {
          break; // torn by a kill
        }
        String text = new String(line, 0, line.length - 1, StandardCharsets.UTF_8);
        try {
          Map<String, Object> row = Rows.parse(text);
          remember(row);
          earlier.accept(row);
        } catch (FormatException e) {
          throw new FormatException(
              path + " line " + number, -1, "is no row of jkd triage (" + e.getMessage() + ")");
        }
        whole += line.length;
      }
    }
    return whole;
  }

  private void remember(Map<String, Object> row) {
    String key = Rows.text(row, "key");
    done.add(key);
    String dump = Rows.text(row, "path") + "\0" + Rows.text(row, "member");
    String before = keyOfDump.put(dump, key);
    superseded |= before != null && !before.equals(key);
  }

  /** True if a dump has its row. */
  public synchronized boolean isDone(String key) {
    return done.contains(key);
  }

  /** How many rows there are. */
  public synchronized int size() {
    return done.size();
  }

  /**
   * Adds a row, unless the dump has one.
   *
   * @return false if it has
   */
  public synchronized boolean add(Map<String, Object> row, String json) throws IOException {
    if (done.contains(Rows.text(row, "key"))) {
      return false;
    }
    file.write((json + "\n").getBytes(StandardCharsets.UTF_8));
    remember(row);
    long now = System.nanoTime();
    if (now - synced > SYNC_NANOS) {
      file.getFD().sync();
      synced = now;
    }
    return true;
  }

  /** Ends the writing. Rows of dumps that have changed since and have a newer row are dropped. */
  @Override
  public synchronized void close() throws IOException {
    file.getFD().sync();
    lock.release();
    file.close();
    if (superseded) {
      compact();
    }
  }

  private void compact() throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try (BufferedReader in = reader(path);
        Writer out = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Map<String, Object> row = Rows.parse(line);
        String dump = Rows.text(row, "path") + "\0" + Rows.text(row, "member");
        if (Rows.text(row, "key").equals(keyOfDump.get(dump))) {
          out.write(line);
          out.write('\n');
        }
      }
    }
    Files.move(fresh, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The lines of a journal. */
  static BufferedReader reader(Path path) throws IOException {
    return new BufferedReader(
        new InputStreamReader(Files.newInputStream(path), StandardCharsets.UTF_8));
  }
}
