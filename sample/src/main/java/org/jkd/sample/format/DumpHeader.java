// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.List;

/**
 * The first page or pages of a kernel dump. As Windows does, everything starts as the repeated
 * letters {@code PAGE}, which mean "not set".
 */
public final class DumpHeader {
  private final boolean wide;
  private final Blob blob = new Blob();

  /**
   * A header with its signature only.
   *
   * @param wide true for {@code PAGEDU64}
   */
  public DumpHeader(boolean wide) {
    this.wide = wide;
    int size = size();
    for (int at = 0; at < size; at += 4) {
      blob.ascii(at, "PAGE");
    }
    blob.ascii(4, wide ? "DU64" : "DUMP");
  }

  /** Bytes of the header. */
  public int size() {
    return wide ? 0x2000 : 0x1000;
  }

  /** True for the 64-bit header. */
  public boolean wide() {
    return wide;
  }

  /** The bytes. */
  public byte[] bytes() {
    return blob.bytes();
  }

  /** 15 for a free build, 12 for a checked one; and the build number. */
  public DumpHeader build(int major, int minor) {
    blob.u32(8, major).u32(0xc, minor);
    return this;
  }

  /** The page directory base of the context that crashed. */
  public DumpHeader directoryBase(long value) {
    return pointer(0x10, 0x10, value);
  }

  /** Address of the variable that points to the page frame database. */
  public DumpHeader pfnDatabase(long value) {
    return pointer(0x14, 0x18, value);
  }

  /** Address of the head of the list of loaded modules. */
  public DumpHeader loadedModules(long value) {
    return pointer(0x18, 0x20, value);
  }

  /** Address of the head of the list of processes. */
  public DumpHeader activeProcesses(long value) {
    return pointer(0x1c, 0x28, value);
  }

  /** Machine type as in a PE header, and how many processors there are. */
  public DumpHeader machine(int type, int processors) {
    blob.u32(wide ? 0x30 : 0x20, type).u32(wide ? 0x34 : 0x24, processors);
    return this;
  }

  /** The bug check. */
  public DumpHeader bugCheck(long code, long first, long second, long third, long fourth) {
    long[] parameters = {first, second, third, fourth};
    blob.u32(wide ? 0x38 : 0x28, code);
    for (int i = 0; i < 4; i++) {
      pointer(0x2c + 4 * i, 0x40 + 8 * i, parameters[i]);
    }
    blob.fill(wide ? 0x60 : 0x3c, 1, 0);
    return this;
  }

  /** Whether x86 paging is extended; without meaning on x64. */
  public DumpHeader pae(boolean enabled) {
    blob.u8(0x5c, enabled ? 1 : 0);
    return this;
  }

  /** Address of the debugger data block. */
  public DumpHeader debuggerData(long address) {
    return pointer(0x60, 0x80, address);
  }

  /** The runs of physical memory, 86 or 42 at most. */
  public DumpHeader runs(List<PhysicalMemory.Run> runs) {
    long pages = runs.stream().mapToLong(PhysicalMemory.Run::count).sum();
    if (wide) {
      blob.u32(0x88, runs.size()).u32(0x8c, 0).u64(0x90, pages);
    } else {
      blob.u32(0x64, runs.size()).u32(0x68, pages);
    }
    for (int i = 0; i < runs.size(); i++) {
      PhysicalMemory.Run run = runs.get(i);
      if (wide) {
        blob.u64(0x98 + 16 * i, run.firstFrame()).u64(0xa0 + 16 * i, run.count());
      } else {
        blob.u32(0x6c + 8 * i, run.firstFrame()).u32(0x70 + 8 * i, run.count());
      }
    }
    return this;
  }

  /** The processor context at the bug check. */
  public DumpHeader context(byte[] context) {
    blob.fill(wide ? 0x348 : 0x320, wide ? 0xbb8 : 0x4b0, 0).raw(wide ? 0x348 : 0x320, context);
    return this;
  }

  /** The exception record: code, flags and address; no parameters. */
  public DumpHeader exception(long code, long flags, long address) {
    int at = wide ? 0xf00 : 0x7d0;
    blob.fill(at, wide ? 0x98 : 0x50, 0).u32(at, code).u32(at + 4, flags);
    return pointer(at + 0xc, at + 0x10, address);
  }

  /** How the rest of the file is laid out, and what a small dump holds. */
  public DumpHeader type(int type, int smallDumpFields) {
    blob.u32(wide ? 0xf98 : 0xf88, type).u32(wide ? 0x1038 : 0xf8c, smallDumpFields);
    return this;
  }

  /** Product type (3 is a server), product suites, writer status 0 and the size of the file. */
  public DumpHeader product(int type, int suite) {
    blob.u32(wide ? 0x1040 : 0xf94, type).u32(wide ? 0x1044 : 0xf98, suite);
    blob.u32(wide ? 0x1048 : 0xf9c, 0);
    return this;
  }

  /** Bytes of the whole dump. */
  public DumpHeader fileSize(long bytes) {
    blob.u64(0xfa0, bytes);
    return this;
  }

  /** Time of the crash and time since the start, both in units of 100 ns. */
  public DumpHeader times(long fileTime, long upTime) {
    blob.u64(wide ? 0xfa8 : 0xfc0, fileTime).u64(wide ? 0x1030 : 0xfb8, upTime);
    return this;
  }

  private DumpHeader pointer(int at32, int at64, long value) {
    if (wide) {
      blob.u64(at64, value);
    } else {
      blob.u32(at32, value);
    }
    return this;
  }
}
