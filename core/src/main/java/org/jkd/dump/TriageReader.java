// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.ArrayList;
import java.util.List;
import org.jkd.image.BlockMemory;
import org.jkd.image.BlockMemory.Block;
import org.jkd.image.Bytes;
import org.jkd.image.Unreadable;

/** Reads small dumps; dump-formats.md, 1.6. */
final class TriageReader {
  /** Systems have some hundreds of drivers. */
  private static final int MAX_DRIVERS = 4096;

  private static final int MAX_UNLOADED = 64;

  /** Real dumps have up to some thousands. */
  private static final int MAX_BLOCKS = 1 << 16;

  private static final int MAX_NAME_CHARS = 1024;
  private static final int MAX_UNLOADED_NAME = 24;

  private final Bytes file;
  private final DumpHeader header;
  private final List<String> notes;
  private final boolean wide;
  private final TriageHeader triage;

  TriageReader(Bytes file, DumpHeader header, List<String> notes) {
    this.file = file;
    this.header = header;
    this.notes = notes;
    this.wide = header.format() == DumpFormat.PAGEDU64;
    this.triage = TriageHeader.read(file, header.format());
  }

  Dump.TriageDump read() {
    if (!triage.valid()) {
      notes.add(
          "the mark at the end of the small dump is missing: the file was cut off or damaged");
    }
    BlockMemory memory = new BlockMemory(blocks(), new Unreadable.NoBlock());
    return new Dump.TriageDump(file, header, notes, triage, memory, drivers(), unloaded());
  }

  private List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    add(blocks, triage.topOfStack(), triage.callStackOffset(), triage.callStackSize());
    if (header.debuggerData().isPresent()) {
      long address = header.debuggerData().getAsLong();
      add(blocks, address, triage.debuggerDataOffset(), triage.debuggerDataSize());
    }
    add(blocks, triage.dataPageAddress(), triage.dataPageOffset(), triage.dataPageSize());
    long at = triage.dataBlocksOffset();
    int stride = wide ? 16 : 12;
    long count = clampCount("data blocks", triage.dataBlocksCount(), at, stride, MAX_BLOCKS);
    for (long i = 0; i < count; i++, at += stride) {
      int numbers = wide ? 8 : 4;
      long address = wide ? file.u64(at) : file.u32(at);
      add(blocks, address, file.u32(at + numbers), file.u32(at + numbers + 4));
    }
    return blocks;
  }

  private void add(List<Block> blocks, long address, long offset, long size) {
    if (offset != 0 && size != 0) {
      blocks.add(Block.inFile(address, size, file, offset));
    }
  }

  /** As many entries as are plausible and lie in the file. */
  private long clampCount(String what, long count, long at, int stride, int max) {
    if (at == 0 || count == 0) {
      return 0;
    }
    long fits = at > file.size() ? 0 : (file.size() - at) / stride;
    long clamped = Math.min(count, Math.min(fits, max));
    if (clamped < count) {
      notes.add("of " + count + " " + what + " only " + clamped + " could be read");
    }
    return clamped;
  }

  private List<TriageDriver> drivers() {
    List<TriageDriver> drivers = new ArrayList<>();
    long at = triage.driverListOffset();
    int stride = wide ? 0x90 : driverStride32();
    long count = clampCount("drivers", triage.driverCount(), at, stride, MAX_DRIVERS);
    for (long i = 0; i < count; i++, at += stride) {
      String path = string(file.u32(at));
      drivers.add(
          wide
              ? new TriageDriver(
                  path,
                  file.u64(at + 0x38),
                  file.u64(at + 0x40),
                  file.u32(at + 0x48),
                  file.u32(at + 0x80),
                  file.u32(at + 0x88))
              : new TriageDriver(
                  path,
                  file.u32(at + 0x1c),
                  file.u32(at + 0x20),
                  file.u32(at + 0x24),
                  file.u32(at + 0x44),
                  file.u32(at + 0x48)));
    }
    return drivers;
  }

  /** The string pool follows the list, which tells the size of its entries. */
  private int driverStride32() {
    long between = triage.stringPoolOffset() - triage.driverListOffset();
    long count = triage.driverCount();
    if (count > 0 && between > 0) {
      long stride = between / count;
      if (stride >= 0x4c && stride <= 0x60) {
        return (int) stride & ~3;
      }
    }
    return 0x4c;
  }

  /** A DUMP_STRING: its length in characters, then UTF-16. */
  private String string(long at) {
    if (at == 0 || !file.has(at, 4)) {
      return "";
    }
    long chars = Math.min(file.u32(at), MAX_NAME_CHARS);
    long held = Math.min(chars, (file.size() - at - 4) / 2);
    String text = file.utf16(at + 4, (int) held * 2);
    int nul = text.indexOf('\0');
    return nul < 0 ? text : text.substring(0, nul);
  }

  private List<TriageUnloaded> unloaded() {
    List<TriageUnloaded> unloaded = new ArrayList<>();
    long at = triage.unloadedDriversOffset();
    int counter = wide ? 8 : 4;
    if (at == 0 || !file.has(at, counter)) {
      return unloaded;
    }
    int stride = wide ? 56 : 40;
    long claimed = file.u32(at);
    long count = clampCount("unloaded drivers", claimed, at + counter, stride, MAX_UNLOADED);
    at += counter;
    for (long i = 0; i < count; i++, at += stride) {
      int name = wide ? 16 : 8;
      int length = Math.min(file.u16(at), MAX_UNLOADED_NAME) & ~1;
      long numbers = at + name + MAX_UNLOADED_NAME;
      unloaded.add(
          new TriageUnloaded(
              file.utf16(at + name, length),
              wide ? file.u64(numbers) : file.u32(numbers),
              wide ? file.u64(numbers + 8) : file.u32(numbers + 4)));
    }
    return unloaded;
  }
}
