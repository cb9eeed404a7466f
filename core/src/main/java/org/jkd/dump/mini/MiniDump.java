// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;

/**
 * A user-mode minidump.
 *
 * @param timestamp when it was written, seconds since 1970, UTC
 * @param flags MINIDUMP_TYPE
 * @param memory the memory lists and the threads' stacks
 * @param streams the whole directory
 * @param notes what is odd about the file, one line each
 */
public record MiniDump(
    Bytes file,
    long timestamp,
    long flags,
    MiniSystem system,
    List<MiniThread> threads,
    List<MiniModule> modules,
    List<MiniUnloaded> unloaded,
    BlockMemory memory,
    Optional<MiniException> exception,
    MiniMisc misc,
    List<MiniStream> streams,
    List<String> notes) {
  private static final long SIGNATURE = 0x504d_444dL;

  /** Copies the lists. */
  public MiniDump {
    threads = List.copyOf(threads);
    modules = List.copyOf(modules);
    unloaded = List.copyOf(unloaded);
    streams = List.copyOf(streams);
    notes = List.copyOf(notes);
  }

  /** True when the first bytes are those of a minidump. */
  public static boolean isMiniDump(Bytes file) {
    return file.has(0, 4) && file.u32(0) == SIGNATURE;
  }

  /**
   * Opens a minidump.
   *
   * @throws org.jkd.image.FormatException if it is none, or its directory cannot be read
   */
  public static MiniDump open(Path path) throws IOException {
    return open(Bytes.map(path));
  }

  /** The same for bytes that are at hand already. */
  public static MiniDump open(Bytes file) {
    return new MiniDumpReader(file).read();
  }

  /** True when the dump holds the process's whole memory (MiniDumpWithFullMemory). */
  public boolean hasFullMemory() {
    return streams.stream().anyMatch(s -> s.type() == MiniStream.MEMORY64_LIST);
  }
}
