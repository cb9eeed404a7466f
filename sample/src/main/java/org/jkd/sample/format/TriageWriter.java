// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes a small dump: no pages, only the pieces of memory that the first look needs. */
public final class TriageWriter {
  /** A loaded module. */
  public record Driver(
      String name, long base, long entry, long size, long checkSum, long timestamp) {}

  /** A module that was unloaded. */
  public record Unloaded(String name, long start, long end) {}

  private record Piece(long address, int size) {}

  private final DumpHeader header;
  private final VirtualMemory memory;
  private final boolean wide;
  private final Blob table = new Blob();
  private final Blob content = new Blob();
  private final List<Piece> blocks = new ArrayList<>();
  private int present = 0x3;

  /** A small dump of {@code memory}. */
  public TriageWriter(DumpHeader header, VirtualMemory memory, int servicePack) {
    this.header = header;
    this.memory = memory;
    wide = header.wide();
    content.grow(wide ? 0x80 : 0x68);
    table.u32(0, servicePack).u32(0xc, wide ? 0x348 : 0x320).u32(0x10, wide ? 0xf00 : 0x7d0);
    table.u32(0x44, 0xffff_ffffL);
  }

  /** The processor control block of the crashed processor. */
  public TriageWriter processor(long address, int size) {
    return object(0x1c, address, size, 4);
  }

  /** The current process. */
  public TriageWriter process(long address, int size) {
    return object(0x20, address, size, 8);
  }

  /** The current thread. */
  public TriageWriter thread(long address, int size) {
    return object(0x24, address, size, 0x10);
  }

  /** The stack from an address up to its base. */
  public TriageWriter stack(long from, long base) {
    int size = (int) (base - from);
    object(0x28, from, size, 0x20);
    table.u32(0x2c, size);
    if (wide) {
      table.u64(0x48, from);
    } else {
      table.u32(0x48, from);
    }
    return this;
  }

  /** The debugger data block. */
  public TriageWriter debuggerData(long address, int size) {
    int at = wide ? 0x70 : 0x58;
    object(at, address, size, 0x400);
    table.u32(at + 4, size);
    return this;
  }

  /** Loaded modules; their names go into a pool. */
  public TriageWriter drivers(List<Driver> drivers) {
    int stride = wide ? 0x90 : 0x4c;
    int list = begin();
    int pool = list + stride * drivers.size();
    content.grow(pool - header.size());
    for (int i = 0; i < drivers.size(); i++) {
      Driver driver = drivers.get(i);
      content.align(8);
      int at = list - header.size() + stride * i;
      content.u32(at, begin());
      int entry = at + (wide ? 8 : 4);
      pointer(entry + (wide ? 0x30 : 0x18), driver.base());
      pointer(entry + (wide ? 0x38 : 0x1c), driver.entry());
      content.u32(entry + (wide ? 0x40 : 0x20), driver.size());
      content.u32(entry + (wide ? 0x78 : 0x40), driver.checkSum());
      content.u32(entry + (wide ? 0x80 : 0x44), driver.timestamp());
      content.add32(driver.name().length()).addWideZ(driver.name());
    }
    content.align(8);
    table.u32(0x30, list).u32(0x34, drivers.size()).u32(0x38, pool).u32(0x3c, begin() - pool);
    present |= 0x40;
    return this;
  }

  /** Unloaded modules; the small dump keeps the first twelve characters of a name. */
  public TriageWriter unloaded(List<Unloaded> drivers) {
    table.u32(0x18, begin());
    int at = content.size();
    content.grow(at + (wide ? 8 : 4)).u32(at, drivers.size());
    for (Unloaded driver : drivers) {
      String name = driver.name().substring(0, Math.min(12, driver.name().length()));
      int entry = content.size();
      int text = entry + (wide ? 16 : 8);
      content.grow(entry + (wide ? 56 : 40));
      content.u16(entry, 2L * name.length()).u16(entry + 2, 24);
      content.raw(text, name.getBytes(StandardCharsets.UTF_16LE));
      pointer(text + 24, driver.start());
      pointer(text + 24 + (wide ? 8 : 4), driver.end());
    }
    return this;
  }

  /** Further memory. */
  public TriageWriter block(long address, int size) {
    blocks.add(new Piece(address, size));
    return this;
  }

  /** Writes the dump, {@code size} bytes long. */
  public void write(Path file, int size) throws IOException {
    List<Long> places = new ArrayList<>();
    for (Piece block : blocks) {
      places.add((long) begin());
      content.add(memory.bytes(block.address(), block.size()));
    }
    int list = begin();
    for (int i = 0; i < blocks.size(); i++) {
      if (wide) {
        content.add64(blocks.get(i).address());
      } else {
        content.add32(blocks.get(i).address());
      }
      content.add32(places.get(i)).add32(blocks.get(i).size());
    }
    int at = wide ? 0x78 : 0x60;
    table.u32(at, list).u32(at + 4, blocks.size());
    table.u32(4, size).u32(8, size - 4);
    content.raw(0, table.bytes());
    int room = size - header.size() - 4;
    if (content.size() > room) {
      throw new IllegalStateException("the small dump needs " + content.size() + " bytes");
    }
    content.ascii(room, "TRGD");
    header.type(4, present | 0x800).fileSize(size);
    Blob whole = new Blob();
    whole.add(header.bytes()).add(content);
    Files.write(file, whole.bytes());
  }

  private TriageWriter object(int field, long address, int size, int flag) {
    table.u32(field, begin());
    content.add(memory.bytes(address, size));
    present |= flag;
    return this;
  }

  private void pointer(int at, long value) {
    if (wide) {
      content.u64(at, value);
    } else {
      content.u32(at, value);
    }
  }

  /** The place in the file where the next piece goes. */
  private int begin() {
    content.align(8);
    return header.size() + content.size();
  }
}
