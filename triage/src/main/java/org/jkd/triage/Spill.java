// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jkd.image.Bytes;
import org.jkd.image.Cancellation;
import org.jspecify.annotations.Nullable;

/**
 * Takes what an archive's member unpacks to: into memory, and beyond a limit into a temporary file
 * that is deleted. Refuses to go on where a member grows beyond all reason.
 */
final class Spill extends OutputStream {
  /** Below this many bytes any ratio is believed. */
  private static final long SMALL = 16 << 20;

  private final Limits limits;
  private final LongSupplier packed;
  private final Budget budget;
  private @Nullable ByteArrayOutputStream memory = new ByteArrayOutputStream();
  private @Nullable OutputStream file;
  private @Nullable Path temporary;
  private long size;

  /** What all members of an archive together may still unpack to. */
  static final class Budget {
    private long left;

    Budget(long left) {
      this.left = left;
    }
  }

  /**
   * @param packed how many bytes of the archive were used up so far for this member
   */
  Spill(Limits limits, LongSupplier packed, Budget budget) {
    this.limits = limits;
    this.packed = packed;
    this.budget = budget;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] from, int at, int length) throws IOException {
    Cancellation.check();
    size += length;
    budget.left -= length;
    if (size > limits.memberBytes() || budget.left < 0) {
      throw new ArchiveException(
          "it unpacks to more than "
              + (size > limits.memberBytes() ? limits.memberBytes() : limits.archiveBytes())
              + " bytes");
    }
    if (size > SMALL && size / limits.ratio() > packed.getAsLong()) {
      throw new ArchiveException(
          "it unpacks to more than " + limits.ratio() + " bytes for each packed one");
    }
    ByteArrayOutputStream held = memory;
    if (held != null && size > limits.memberInMemory()) {
      temporary = Files.createTempFile("jkd-triage-", ".dmp");
      file = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16);
      held.writeTo(file);
      held = null;
      memory = null;
    }
    OutputStream to = held != null ? held : file;
    if (to != null) {
      to.write(from, at, length);
    }
  }

  /** What was written, under a name. To be called once, before {@link #discard}. */
  Bytes bytes(String name, Arena arena) throws IOException {
    ByteArrayOutputStream held = memory;
    if (held != null) {
      memory = null;
      return Bytes.of(name, held.toByteArray());
    }
    close();
    Path path = temporary;
    if (path == null) {
      throw new IllegalStateException("nothing was kept");
    }
    return Bytes.map(path, arena).slice(name, 0, size);
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }

  /**
   * Deletes the temporary file, if there is one. Where the system does not delete what is mapped,
   * that happens when the program ends.
   */
  void discard() {
    Path path = temporary;
    if (path == null) {
      return;
    }
    try {
      close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      path.toFile().deleteOnExit();
    }
  }
}
