// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jkd.image.MemoryReader;
import org.jkd.target.KernelTarget;

/** A copy of a dump of physical pages in which words of virtual memory are changed. */
public final class PatchedDump {
  private static final int PAGE = 0x1000;

  private final MemoryReader memory;
  private final byte[] file;

  /** Where pages lie in the file: they are found by what they held before any change. */
  private final Map<Long, Integer> pages = new HashMap<>();

  private PatchedDump(MemoryReader memory, byte[] file) {
    this.memory = memory;
    this.file = file;
  }

  /** Reads a dump. */
  public static PatchedDump of(Path dump) throws IOException {
    return new PatchedDump(KernelTarget.open(dump).reader(), Files.readAllBytes(dump));
  }

  /** A word of the dump as it was. */
  public long word(long address) {
    return memory.u32(address).orElseThrow();
  }

  /** Changes a word. Its page is found by its content, so it must be the only one like it. */
  public PatchedDump word(long address, long value) {
    int page = pages.computeIfAbsent(address & -PAGE, this::find);
    for (int i = 0; i < 4; i++) {
      file[page + (int) (address & PAGE - 1) + i] = (byte) (value >>> 8 * i);
    }
    return this;
  }

  private int find(long address) {
    byte[] page = memory.bytes(address, PAGE).orElseThrow();
    int found = -1;
    for (int at = 0; at + PAGE <= file.length; at += PAGE) {
      if (matches(page, at)) {
        if (found >= 0) {
          throw new IllegalStateException("several pages like that of " + address);
        }
        found = at;
      }
    }
    if (found < 0) {
      throw new IllegalStateException("no page like that of " + Long.toHexString(address));
    }
    return found;
  }

  private boolean matches(byte[] page, int at) {
    return Arrays.equals(page, 0, PAGE, file, at, at + PAGE);
  }

  /** Writes the copy. */
  public Path write(Path to) throws IOException {
    return Files.write(to, file);
  }
}
