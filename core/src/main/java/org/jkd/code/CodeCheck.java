// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jkd.image.Bytes;
import org.jkd.image.Cancellation;
import org.jkd.image.Memory;
import org.jkd.pe.ImportTable;
import org.jkd.pe.LoadedImage;
import org.jkd.pe.PeImage;
import org.jkd.pe.PeSection;

/**
 * The code of a module in the dump beside the code of its image file: hooks, patches, damage. Code
 * that a driver frees after its start is left out; so are slots of the import address table that
 * point into a module, as the loader leaves them: old images keep that table among their code.
 *
 * @param differences in ascending order; at most {@link #MAX_DIFFERENCES}
 * @param compared bytes of code that the dump holds
 * @param total bytes of code
 */
public record CodeCheck(List<Difference> differences, long compared, long total) {
  /** More differences than this are not listed: the file is then another one. */
  public static final int MAX_DIFFERENCES = 4096;

  private static final int PAGE = 0x1000;

  /**
   * Bytes of code in which the dump differs from the image file.
   *
   * @param address the first differing byte
   * @param inFile what the relocated file has there
   * @param inMemory what the dump has there, as many bytes
   */
  public record Difference(long address, Bytes inFile, Bytes inMemory) {}

  /**
   * Compares.
   *
   * @param file the image file at the module's base
   * @param memory what the dump holds
   * @param inModule tells addresses that lie in a loaded module
   */
  public static CodeCheck of(LoadedImage file, Memory memory, LongPredicate inModule) {
    return new Comparison(file, memory, inModule).run();
  }

  /** One run over the sections. */
  private static final class Comparison {
    private final LoadedImage file;
    private final Memory memory;
    private final LongPredicate inModule;
    private final int pointer;
    private final TreeMap<Long, ImportTable.Import> slots = new TreeMap<>();
    private final List<Difference> found = new ArrayList<>();
    private final byte[] mine = new byte[PAGE];
    private final byte[] theirs = new byte[PAGE];
    private long compared;
    private long total;

    /** The difference that is being gathered; it may go on in the next page. */
    private long start;

    private byte[] original = new byte[16];
    private byte[] changed = new byte[16];
    private int length;

    Comparison(LoadedImage file, Memory memory, LongPredicate inModule) {
      this.file = file;
      this.memory = memory;
      this.inModule = inModule;
      this.pointer = file.image().is64() ? 8 : 4;
      for (ImportTable.Import entry : file.image().imports().entries()) {
        slots.put(entry.slot(), entry);
      }
    }

    CodeCheck run() {
      PeImage image = file.image();
      for (PeSection section : image.sections()) {
        if (section.executable() && !section.discardable()) {
          long end = Math.min(image.sizeOfImage(), section.rva() + section.size());
          long first = Math.min(section.rva(), end);
          total += end - first;
          section(file.base() + first, file.base() + end);
          close();
        }
      }
      return new CodeCheck(List.copyOf(found), compared, total);
    }

    private void section(long from, long end) {
      long at = from;
      while (at < end && found.size() < MAX_DIFFERENCES) {
        Cancellation.check();
        int want = (int) Math.min(PAGE, end - at);
        int got = file.read(at, theirs, 0, memory.read(at, mine, 0, want));
        if (got == 0) {
          close();
          long next = memory.after(at);
          at = next <= at ? end : next;
          continue;
        }
        compare(at, got);
        compared += got;
        at += got;
      }
    }

    private void compare(long at, int count) {
      for (int i = 0; i < count && found.size() < MAX_DIFFERENCES; i++) {
        if (mine[i] == theirs[i] || isBound(at + i)) {
          close();
          continue;
        }
        if (length == 0) {
          start = at + i;
        } else if (length == original.length) {
          original = Arrays.copyOf(original, length * 2);
          changed = Arrays.copyOf(changed, length * 2);
        }
        original[length] = theirs[i];
        changed[length++] = mine[i];
      }
    }

    /** True for a byte of an import slot that points where the loader lets it point. */
    private boolean isBound(long address) {
      Map.Entry<Long, ImportTable.Import> slot = slots.floorEntry(address - file.base());
      if (slot == null || address - file.base() - slot.getKey() >= pointer) {
        return false;
      }
      byte[] word = new byte[pointer];
      if (memory.read(file.base() + slot.getKey(), word, 0, pointer) < pointer) {
        return true;
      }
      long target = 0;
      for (int i = pointer - 1; i >= 0; i--) {
        target = target << 8 | (word[i] & 0xff);
      }
      return inModule.test(target);
    }

    private void close() {
      if (length > 0) {
        found.add(
            new Difference(
                start,
                Bytes.of("image file", Arrays.copyOf(original, length)),
                Bytes.of("memory", Arrays.copyOf(changed, length))));
        length = 0;
      }
    }
  }
}
