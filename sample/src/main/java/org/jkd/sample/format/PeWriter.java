// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Writes a PE image, as a file and as the loader maps it.
 *
 * <p>The content of sections is given as it stands in memory at the load base; absolute addresses
 * in it are announced with {@link #relocate}, so that the file can be linked at its preferred base
 * and carries a relocation table.
 */
public final class PeWriter {
  /** Executable code. */
  public static final int CODE = 0x6000_0020;

  /** Code that is thrown away after initialisation. */
  public static final int INIT_CODE = 0xe200_0020;

  /** Read-only data. */
  public static final int READ_ONLY = 0x4000_0040;

  /** Writable data. */
  public static final int DATA = 0xc000_0040;

  /** Data that only the loader needs. */
  public static final int DISCARDABLE = 0x4200_0040;

  private static final int ALIGN = 0x1000;
  private static final int FILE_ALIGN = 0x200;
  private static final int HEADERS = 0x400;

  /** A section; its content may grow until the image is built. */
  public record Section(String name, int rva, int minimumSize, int flags, Blob content) {
    int virtualSize() {
      return Math.max(minimumSize, content.size());
    }
  }

  private final boolean wide;
  private final long preferredBase;
  private final long loadBase;
  private final int timestamp;
  private final List<Section> sections = new ArrayList<>();
  private final int[] directoryRva = new int[16];
  private final int[] directorySize = new int[16];
  private final TreeSet<Integer> relocations = new TreeSet<>();
  private int entryRva;
  private int characteristics;
  private int subsystem = 1;

  /**
   * An image without sections.
   *
   * @param wide true for PE32+ on x64, false for PE32 on x86
   * @param timestamp seconds since 1970
   */
  public PeWriter(boolean wide, long preferredBase, long loadBase, int timestamp) {
    this.wide = wide;
    this.preferredBase = preferredBase;
    this.loadBase = loadBase;
    this.timestamp = timestamp;
    characteristics = wide ? 0x22 : 0x102;
  }

  /** Adds a section; sections are added in ascending order of their RVA. */
  public Section section(String name, int rva, int minimumSize, int flags) {
    Section section = new Section(name, rva, minimumSize, flags, new Blob());
    sections.add(section);
    return section;
  }

  /** The RVA of the entry point. */
  public PeWriter entry(int rva) {
    entryRva = rva;
    return this;
  }

  /** 1 native (drivers), 2 Windows, 3 console. */
  public PeWriter subsystem(int value) {
    subsystem = value;
    return this;
  }

  /** Marks the image as a DLL. */
  public PeWriter dll() {
    characteristics |= 0x2000;
    return this;
  }

  /** Announces that a section holds an absolute address of this image at {@code rva}. */
  public PeWriter relocate(int rva) {
    relocations.add(rva);
    return this;
  }

  /** Sets an entry of the data directory. */
  public PeWriter directory(int index, int rva, int size) {
    directoryRva[index] = rva;
    directorySize[index] = size;
    return this;
  }

  /** Appends an export directory. A null name exports by ordinal only. */
  public void exports(Section into, String dll, List<PeTables.Export> exports) {
    int rva = append(into);
    byte[] table = PeTables.exports(rva, timestamp, dll, exports);
    into.content().add(table);
    directory(0, rva, table.length);
  }

  /** Appends the import descriptors for the slots of {@code imports}, which lie in the section. */
  public void imports(Section into, PeTables.Imports imports) {
    int rva = append(into);
    byte[] table = imports.descriptors(rva, wide, into);
    into.content().add(table);
    directory(1, rva, table.length);
    directory(12, imports.rva(), imports.size(wide));
  }

  /**
   * Appends a debug directory that names the PDB.
   *
   * @param guid 16 bytes as they are stored
   */
  public void debug(Section into, byte[] guid, int age, String pdb) {
    int rva = append(into);
    byte[] path = pdb.getBytes(StandardCharsets.UTF_8);
    Blob blob = new Blob();
    blob.add32(0).add32(timestamp).add32(0).add32(2).add32(24 + path.length + 1);
    blob.add32(rva + 28).add32(fileOffset(into, rva + 28));
    blob.ascii(28, "RSDS").add(guid).add32(age).add(path).add8(0);
    into.content().add(blob);
    directory(6, rva, 28);
  }

  /** Adds the section with the version resource. */
  public void version(int rva, VersionInfo version) {
    Section section = section(".rsrc", rva, 0, READ_ONLY);
    section.content().add(version.resource(rva));
    directory(2, rva, section.content().size());
  }

  /** Adds the section with the relocations announced so far. */
  public void relocations(int rva) {
    Section section = section(".reloc", rva, 0, DISCARDABLE);
    section.content().add(PeTables.relocations(relocations, wide));
    directory(5, rva, section.content().size());
  }

  /** Bytes of the image in memory. */
  public int sizeOfImage() {
    Section last = sections.getLast();
    return up(last.rva() + last.virtualSize(), ALIGN);
  }

  /** When the image was linked. */
  public int timestamp() {
    return timestamp;
  }

  /** The RVA of the entry point. */
  public int entry() {
    return entryRva;
  }

  /** The checksum in the file's header. */
  public long checkSum() {
    byte[] bytes = file();
    int at = 0x80 + 24 + 64;
    return (bytes[at] & 0xff)
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | (bytes[at + 3] & 0xffL) << 24;
  }

  /** The sections. */
  public List<Section> sections() {
    return sections;
  }

  /** The 40-byte section headers, as a PDB repeats them. */
  public byte[] sectionHeaders() {
    Blob blob = new Blob();
    int offset = HEADERS;
    for (Section section : sections) {
      int at = blob.size();
      int raw = up(section.content().size(), FILE_ALIGN);
      blob.grow(at + 40).ascii(at, section.name());
      blob.u32(at + 8, section.virtualSize()).u32(at + 12, section.rva());
      blob.u32(at + 16, raw).u32(at + 20, raw == 0 ? 0 : offset).u32(at + 36, section.flags());
      offset += raw;
    }
    return blob.bytes();
  }

  /** The image as a file, linked at the preferred base, with its checksum. */
  public byte[] file() {
    Blob blob = headers();
    long delta = preferredBase - loadBase;
    blob.grow(HEADERS);
    for (Section section : sections) {
      byte[] content = section.content().bytes();
      for (int rva : relocations.subSet(section.rva(), section.rva() + section.virtualSize())) {
        add(content, rva - section.rva(), delta);
      }
      blob.add(content).align(FILE_ALIGN);
    }
    int at = 0x80 + 24 + 64;
    blob.u32(at, checkSum(blob.bytes()));
    return blob.bytes();
  }

  /** The image as it lies in memory at its load base; imports are bound by whoever loads it. */
  public byte[] mapped() {
    Blob blob = headers();
    byte[] file = file();
    blob.u32(0x80 + 24 + 64, 0);
    for (int i = 0; i < 4; i++) {
      blob.u8(0x80 + 24 + 64 + i, file[0x80 + 24 + 64 + i]);
    }
    blob.grow(sizeOfImage());
    for (Section section : sections) {
      blob.raw(section.rva(), section.content().bytes());
    }
    return blob.bytes();
  }

  private Blob headers() {
    Blob blob = new Blob();
    int optional = wide ? 240 : 224;
    blob.ascii(0, "MZ").u16(2, 0x90).u16(4, 3).u16(8, 4).u16(0xc, 0xffff).u16(0x10, 0xb8);
    blob.u16(0x18, 0x40).u32(0x3c, 0x80);
    blob.raw(0x40, new byte[] {0x0e, 0x1f, (byte) 0xb8, 1, 0x4c, (byte) 0xcd, 0x21});
    int pe = 0x80;
    blob.ascii(pe, "PE").u16(pe + 4, wide ? 0x8664 : 0x14c).u16(pe + 6, sections.size());
    blob.u32(pe + 8, timestamp).u16(pe + 20, optional).u16(pe + 22, characteristics);
    int at = pe + 24;
    blob.u16(at, wide ? 0x20b : 0x10b).u8(at + 2, 7).u8(at + 3, 10);
    blob.u32(at + 4, sizeOf(0x20)).u32(at + 8, sizeOf(0x40)).u32(at + 16, entryRva);
    blob.u32(at + 20, sections.getFirst().rva());
    if (wide) {
      blob.u64(at + 24, preferredBase);
    } else {
      blob.u32(at + 24, 0x1000).u32(at + 28, preferredBase);
    }
    blob.u32(at + 32, ALIGN).u32(at + 36, FILE_ALIGN);
    blob.u16(at + 40, 5).u16(at + 42, 2).u16(at + 44, 5).u16(at + 46, 2).u16(at + 48, 5);
    blob.u16(at + 50, wide ? 2 : 1);
    blob.u32(at + 56, sizeOfImage()).u32(at + 60, HEADERS).u16(at + 68, subsystem);
    int sizes = at + 72;
    long[] stackAndHeap = {0x40000, 0x1000, 0x100000, 0x1000};
    for (int i = 0; i < 4; i++) {
      if (wide) {
        blob.u64(sizes + 8 * i, stackAndHeap[i]);
      } else {
        blob.u32(sizes + 4 * i, stackAndHeap[i]);
      }
    }
    int count = at + (wide ? 108 : 92);
    blob.u32(count, 16);
    for (int i = 0; i < 16; i++) {
      blob.u32(count + 4 + 8 * i, directoryRva[i]).u32(count + 8 + 8 * i, directorySize[i]);
    }
    blob.raw(at + optional, sectionHeaders());
    if (blob.size() > HEADERS) {
      throw new IllegalStateException("too many sections: " + sections.size());
    }
    return blob;
  }

  private int sizeOf(int flag) {
    return sections.stream()
        .filter(section -> (section.flags() & flag) != 0)
        .mapToInt(section -> up(section.content().size(), FILE_ALIGN))
        .sum();
  }

  private static int append(Section into) {
    into.content().align(16);
    return into.rva() + into.content().size();
  }

  private int fileOffset(Section of, int rva) {
    int offset = HEADERS;
    for (Section section : sections) {
      if (section.rva() == of.rva()) {
        break;
      }
      offset += up(section.content().size(), FILE_ALIGN);
    }
    return offset + rva - of.rva();
  }

  private void add(byte[] content, int at, long delta) {
    int bytes = wide ? 8 : 4;
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (content[at + i] & 0xff);
    }
    value += delta;
    for (int i = 0; i < bytes; i++) {
      content[at + i] = (byte) (value >>> 8 * i);
    }
  }

  private static long checkSum(byte[] bytes) {
    long sum = 0;
    for (int i = 0; i < bytes.length; i += 2) {
      int high = i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0;
      sum += (bytes[i] & 0xff) | high << 8;
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return (sum & 0xffff) + bytes.length;
  }

  private static int up(int value, int unit) {
    return (value + unit - 1) / unit * unit;
  }
}
