// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.image.Bytes;

/**
 * IMAGE_DEBUG_DIRECTORY: which symbol file belongs to an image.
 *
 * @param entries in file order, of every type
 * @param codeView what the first CodeView record says that could be read
 * @param problems what could not be read
 */
public record DebugDirectory(
    List<Entry> entries, Optional<CodeView> codeView, List<String> problems) {
  /** COFF symbols, CodeView, FPO, MISC (.dbg), POGO and REPRO are the types that matter here. */
  public static final int TYPE_CODEVIEW = 2;

  /** FPO records inside the image, an array of FPO_DATA. */
  public static final int TYPE_FPO = 3;

  /** The image's symbols are in a .dbg file. */
  public static final int TYPE_MISC = 4;

  /** Profile-guided optimisation data: names of the linker's section groups. */
  public static final int TYPE_POGO = 13;

  /** The link was reproducible: the timestamp is a hash. */
  public static final int TYPE_REPRO = 16;

  private static final int MAX_ENTRIES = 64;
  private static final int ENTRY = 28;
  private static final int MAX_RECORD = 0x1000;

  /**
   * An entry.
   *
   * @param rva where its data is loaded, 0 when it is not
   * @param fileOffset where its data is in the file
   * @param size bytes
   */
  public record Entry(int type, long timestamp, long size, long rva, long fileOffset) {}

  /** Which PDB belongs to the image. */
  public sealed interface CodeView {
    /** The path of the PDB as the linker knew it. */
    String path();

    /** How often the PDB had been written. */
    long age();

    /** The key of a symbol store: identity and age. */
    String key();

    /** The last part of the path. */
    default String fileName() {
      String p = path().replace('\\', '/');
      return p.substring(p.lastIndexOf('/') + 1);
    }
  }

  /**
   * PDB 7.0.
   *
   * @param guid 32 upper-case hexadecimal digits
   */
  public record Rsds(String guid, long age, String path) implements CodeView {
    @Override
    public String key() {
      return guid + Long.toHexString(age).toUpperCase(Locale.ROOT);
    }
  }

  /**
   * PDB 2.0.
   *
   * @param signature the PDB's timestamp
   */
  public record Nb10(long signature, long age, String path) implements CodeView {
    @Override
    public String key() {
      return String.format(Locale.ROOT, "%08X%X", signature, age);
    }
  }

  /** True when the timestamp of the image is a hash and no time. */
  public boolean reproducible() {
    return entries.stream().anyMatch(e -> e.type() == TYPE_REPRO);
  }

  /** The first entry of a type. */
  public Optional<Entry> ofType(int type) {
    return entries.stream().filter(e -> e.type() == type).findFirst();
  }

  /** A GUID in its 16-byte form at an offset as 32 upper-case hexadecimal digits. */
  static String guid(Bytes b, long at) {
    StringBuilder s = new StringBuilder(32);
    s.append(String.format(Locale.ROOT, "%08X%04X%04X", b.u32(at), b.u16(at + 4), b.u16(at + 6)));
    for (int i = 8; i < 16; i++) {
      s.append(String.format(Locale.ROOT, "%02X", b.u8(at + i)));
    }
    return s.toString();
  }

  static DebugDirectory read(PeImage image) {
    PeImage.Range range = image.directory(PeImage.Directory.DEBUG);
    List<Entry> entries = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    if (!range.present()) {
      return new DebugDirectory(List.of(), Optional.empty(), List.of());
    }
    int count = (int) Math.min(range.size() / ENTRY, MAX_ENTRIES);
    Bytes table = image.available("debug directory", range.rva(), (long) count * ENTRY);
    if (table.size() < (long) count * ENTRY) {
      problems.add("the debug directory is not readable");
      count = (int) (table.size() / ENTRY);
    }
    Optional<CodeView> codeView = Optional.empty();
    for (int i = 0; i < count; i++) {
      long p = (long) i * ENTRY;
      Entry e =
          new Entry(
              table.i32(p + 12),
              table.u32(p + 4),
              table.u32(p + 16),
              table.u32(p + 20),
              table.u32(p + 24));
      entries.add(e);
      if (e.type() == TYPE_CODEVIEW && codeView.isEmpty()) {
        codeView = codeView(image, e, problems);
      }
    }
    return new DebugDirectory(List.copyOf(entries), codeView, List.copyOf(problems));
  }

  private static Optional<CodeView> codeView(PeImage image, Entry e, List<String> problems) {
    long rva = e.rva();
    if (rva == 0) {
      rva = image.rvaOfFileOffset(e.fileOffset()).orElse(0);
    }
    Bytes b =
        rva == 0
            ? Bytes.of("CodeView record", new byte[0])
            : image.available("CodeView record", rva, Math.min(e.size(), MAX_RECORD));
    if (b.size() >= 24 && b.u32(0) == 0x53445352) {
      return Optional.of(new Rsds(guid(b, 4), b.u32(20), b.utf8(24, MAX_RECORD)));
    }
    if (b.size() >= 16 && b.u32(0) == 0x3031424e) {
      return Optional.of(new Nb10(b.u32(8), b.u32(12), b.utf8(16, MAX_RECORD)));
    }
    problems.add(
        b.size() < 4
            ? "the CodeView record is not readable"
            : "a CodeView record of an unknown kind: " + b.ascii(0, 4));
    return Optional.empty();
  }
}
