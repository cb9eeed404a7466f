// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes the kinds of kernel dump that hold physical pages. */
public final class DumpWriter {
  private DumpWriter() {}

  /** A complete dump: the pages of all runs, one after the other. */
  public static void complete(Path file, DumpHeader header, PhysicalMemory memory)
      throws IOException {
    header.type(1, 0).runs(memory.runs());
    write(file, header, new Blob(), memory);
  }

  /**
   * A summary dump as the kernels before Windows 8 write it: a bitmap of the frames, then the pages
   * that are set in it.
   */
  public static void summary(Path file, DumpHeader header, PhysicalMemory memory)
      throws IOException {
    long bits = memory.pages().lastKey() + 1;
    Blob blob = new Blob();
    int bitsAt = header.wide() ? 0x28 : 0x20;
    long first = pageAfter(header.size() + bitsAt + (bits + 7) / 8);
    blob.ascii(0, "SDMPDUMP").u32(8, 1).u32(0xc, first).u32(0x10, bits);
    blob.u32(0x14, memory.pages().size()).u32(0x18, bits);
    bitmap(blob, bitsAt, memory);
    header.type(2, 0).runs(List.of(new PhysicalMemory.Run(0, bits)));
    write(file, header, blob.grow((int) first - header.size()), memory);
  }

  /**
   * A dump with a bitmap as Windows 8 and later write it.
   *
   * @param full true for a complete dump (type 5), false for a kernel dump (type 6)
   */
  public static void bitmap(Path file, DumpHeader header, PhysicalMemory memory, boolean full)
      throws IOException {
    long bits = memory.pages().lastKey() + 1;
    long first = pageAfter(header.size() + 0x38 + (bits + 7) / 8);
    Blob blob = new Blob();
    blob.ascii(0, full ? "FDMPDUMP" : "SDMPDUMP").u32(8, 1);
    blob.u64(0x20, first).u64(0x28, memory.pages().size()).u64(0x30, bits);
    bitmap(blob, 0x38, memory);
    header.type(full ? 5 : 6, 0).runs(List.of(new PhysicalMemory.Run(0, bits)));
    write(file, header, blob.grow((int) first - header.size()), memory);
  }

  /**
   * A dump of page ranges, as debuggers write them.
   *
   * @param type 8, 9 or 10
   */
  public static void ranges(Path file, DumpHeader header, PhysicalMemory memory, int type)
      throws IOException {
    List<PhysicalMemory.Run> runs = memory.runs();
    Blob blob = new Blob();
    int count = runs.size() + (type == 10 ? 0 : 1);
    long first = pageAfter(header.size() + 0x30 + 16L * count);
    blob.u32(0, 0x40).ascii(4, "RDMPDUMP").u32(0xc, 0);
    blob.u64(0x10, first - header.size() - 0x20).u64(0x18, first);
    if (type == 10) {
      blob.u32(0x20, runs.size()).u64(0x28, memory.pages().size());
    }
    int at = 0x30;
    for (PhysicalMemory.Run run : runs) {
      blob.u64(at, run.firstFrame()).u64(at + 8, run.count());
      at += 16;
    }
    header.type(type, 0);
    write(file, header, blob.grow((int) first - header.size()), memory);
  }

  private static void bitmap(Blob blob, int at, PhysicalMemory memory) {
    byte[] bits = new byte[(int) (memory.pages().lastKey() / 8 + 1)];
    for (long frame : memory.pages().keySet()) {
      bits[(int) (frame / 8)] |= (byte) (1 << frame % 8);
    }
    blob.raw(at, bits);
  }

  private static long pageAfter(long size) {
    return (size + 0xfff) / 0x1000 * 0x1000;
  }

  private static void write(Path file, DumpHeader header, Blob map, PhysicalMemory memory)
      throws IOException {
    header.fileSize(header.size() + map.size() + memory.pages().size() * 0x1000L);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      out.write(header.bytes());
      out.write(map.bytes());
      for (Map.Entry<Long, byte[]> page : memory.pages().entrySet()) {
        out.write(page.getValue());
      }
    }
  }
}
