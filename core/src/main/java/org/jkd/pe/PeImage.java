// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jspecify.annotations.Nullable;

/**
 * A portable executable: headers, sections and bytes by RVA.
 *
 * <p>The image is either a file, whose sections lie at file offsets, or it is loaded in a memory,
 * of which pages may be missing. RVAs are bytes from the image's base.
 */
public final class PeImage {
  /** IMAGE_FILE_MACHINE_I386. */
  public static final int MACHINE_X86 = 0x14c;

  /** IMAGE_FILE_MACHINE_AMD64. */
  public static final int MACHINE_X64 = 0x8664;

  /** IMAGE_FILE_MACHINE_ARM64. */
  public static final int MACHINE_ARM64 = 0xaa64;

  /** Indices of the data directories. */
  public enum Directory {
    EXPORT,
    IMPORT,
    RESOURCE,
    EXCEPTION,
    SECURITY,
    RELOCATION,
    DEBUG,
    ARCHITECTURE,
    GLOBAL_POINTER,
    TLS,
    LOAD_CONFIG,
    BOUND_IMPORT,
    IAT,
    DELAY_IMPORT,
    CLR,
    RESERVED
  }

  /**
   * A part of the image that a data directory names.
   *
   * @param size bytes; 0 when there is no such table
   */
  public record Range(long rva, long size) {
    static final Range NONE = new Range(0, 0);

    /** True when there is such a table. */
    public boolean present() {
      return rva != 0 && size != 0;
    }
  }

  /** The loader refuses more; a file that claims more lies. */
  static final int MAX_SECTIONS = 512;

  /** Where the PE header may start; real images stay below one page. */
  private static final long MAX_HEADER_OFFSET = 1 << 24;

  /** Names inside tables. */
  static final int MAX_STRING = 4096;

  private static final int DIRECTORIES = 16;
  private static final int SECTION_HEADER = 40;
  private static final int PAGE = 0x1000;

  private final Source source;
  private final String name;
  private final boolean loaded;
  private final long loadedBase;
  private final Header header;
  private final List<PeSection> sections;
  private final List<Range> directories;
  private final List<String> problems;
  private final Once<ExportTable> exports = new Once<>(() -> ExportTable.read(this));
  private final Once<ImportTable> imports = new Once<>(() -> ImportTable.read(this));
  private final Once<DebugDirectory> debug = new Once<>(() -> DebugDirectory.read(this));
  private final Once<Optional<VersionInfo>> version = new Once<>(() -> VersionInfo.read(this));
  private final Once<Relocations> relocations = new Once<>(() -> Relocations.read(this));
  private final Once<RuntimeFunctions> runtimeFunctions =
      new Once<>(() -> RuntimeFunctions.read(this));

  /** A table that is read when it is first asked for, for all threads. */
  private static final class Once<T> {
    private final Supplier<T> read;
    private volatile @Nullable T value;

    Once(Supplier<T> read) {
      this.read = read;
    }

    T get() {
      T known = value;
      if (known == null) {
        // Two threads may read the same thing: none waits for another.
        known = read.get();
        value = known;
      }
      return known;
    }
  }

  /** Bytes by RVA, as many as there are in a row. */
  private interface Source {
    int read(long rva, byte[] target, int at, int length);
  }

  /** The fields of the COFF and optional headers. */
  private record Header(
      int machine,
      boolean plus,
      long timestamp,
      int characteristics,
      long entryPoint,
      long imageBase,
      long sizeOfImage,
      long sizeOfHeaders,
      long checksum,
      int subsystem,
      int dllCharacteristics) {}

  /** Reads an image file. */
  public static PeImage ofFile(Bytes file) {
    return new PeImage(file.name(), file, null, 0);
  }

  /**
   * Reads an image where it is loaded.
   *
   * @throws FormatException when the headers cannot be read or are none; the message says why
   */
  public static PeImage inMemory(String name, Memory memory, long base) {
    byte[] first = new byte[PAGE];
    if (memory.read(base, first, 0, PAGE) < 64) {
      Unreadable why = memory.whyUnreadable(base);
      throw new FormatException("image headers of " + name, -1, why.text());
    }
    return new PeImage(name, null, memory, base);
  }

  private PeImage(String name, @Nullable Bytes file, @Nullable Memory memory, long base) {
    this.name = name;
    this.loaded = memory != null;
    this.loadedBase = base;
    this.problems = new ArrayList<>();
    Source headers =
        memory != null
            ? (rva, t, at, n) -> memory.read(base + rva, t, at, n)
            : (rva, t, at, n) -> readFile(Objects.requireNonNull(file), rva, t, at, n);
    Bytes dos = fetch(headers, 0, 64);
    if (dos.size() < 64 || dos.u16(0) != 0x5a4d) {
      throw new FormatException("image " + name, 0, "no MZ header, so this is no PE image");
    }
    long at = dos.u32(0x3c);
    if (at > MAX_HEADER_OFFSET) {
      throw new FormatException("image " + name, 0x3c, "PE header at 0x" + Long.toHexString(at));
    }
    Bytes coff = fetch(headers, at, 24);
    if (coff.size() < 24 || coff.u32(0) != 0x4550) {
      throw new FormatException("image " + name, at, "no PE signature");
    }
    int optionalSize = coff.u16(20);
    Bytes optional = fetch(headers, at + 24, optionalSize);
    int magic = optional.u16(0);
    if (magic != 0x10b && magic != 0x20b) {
      throw new FormatException(
          "image " + name, at + 24, "optional header magic 0x" + Integer.toHexString(magic));
    }
    boolean plus = magic == 0x20b;
    this.header =
        new Header(
            coff.u16(4),
            plus,
            coff.u32(8),
            coff.u16(22),
            optional.u32(16),
            plus ? optional.u64(24) : optional.u32(28),
            optional.u32(56),
            optional.u32(60),
            optional.u32(64),
            optional.u16(68),
            optional.u16(70));
    this.directories = readDirectories(optional, plus ? 108 : 92);
    this.sections = readSections(headers, at + 24 + optionalSize, coff.u16(6));
    this.source =
        file == null ? headers : (rva, t, offset, n) -> readByRva(file, rva, t, offset, n);
  }

  private static List<Range> readDirectories(Bytes optional, int countAt) {
    List<Range> result = new ArrayList<>();
    long count = Math.min(optional.u32(countAt), DIRECTORIES);
    for (int i = 0; i < DIRECTORIES; i++) {
      long at = countAt + 4 + 8L * i;
      result.add(
          i < count && optional.has(at, 8)
              ? new Range(optional.u32(at), optional.u32(at + 4))
              : Range.NONE);
    }
    return List.copyOf(result);
  }

  private List<PeSection> readSections(Source headers, long at, int count) {
    if (count > MAX_SECTIONS) {
      throw new FormatException(
          "image " + name, at, count + " sections; the limit is " + MAX_SECTIONS);
    }
    Bytes table = fetch(headers, at, count * SECTION_HEADER);
    List<PeSection> result = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long p = (long) i * SECTION_HEADER;
      if (!table.has(p, SECTION_HEADER)) {
        problems.add("section headers from number " + (i + 1) + " are missing");
        break;
      }
      result.add(
          new PeSection(
              table.ascii(p, 8),
              table.u32(p + 12),
              table.u32(p + 8),
              table.u32(p + 20),
              table.u32(p + 16),
              table.u32(p + 36)));
    }
    return List.copyOf(result);
  }

  private static Bytes fetch(Source from, long rva, int length) {
    byte[] buffer = new byte[length];
    int got = from.read(rva, buffer, 0, length);
    return Bytes.of("image headers", got == length ? buffer : Arrays.copyOf(buffer, got));
  }

  private static int readFile(Bytes file, long offset, byte[] target, int at, int length) {
    if (offset < 0 || offset >= file.size()) {
      return 0;
    }
    int n = (int) Math.min(length, file.size() - offset);
    file.copy(offset, target, at, n);
    return n;
  }

  /** Headers and sections of a file as if it were loaded; zeros where a section has no bytes. */
  private int readByRva(Bytes file, long rva, byte[] target, int at, int length) {
    int done = 0;
    while (done < length) {
      long here = rva + done;
      PeSection section = sectionOrNull(here);
      int n;
      if (section == null) {
        if (here < 0 || here >= header.sizeOfHeaders()) {
          break;
        }
        n = (int) Math.min(length - done, header.sizeOfHeaders() - here);
        int got = readFile(file, here, target, at + done, n);
        done += got;
        if (got < n) {
          break;
        }
        continue;
      }
      long inside = here - section.rva();
      n = (int) Math.min(length - done, section.size() - inside);
      if (inside < section.rawSize()) {
        n = (int) Math.min(n, section.rawSize() - inside);
        int got = readFile(file, section.rawOffset() + inside, target, at + done, n);
        done += got;
        if (got < n) {
          break;
        }
      } else {
        Arrays.fill(target, at + done, at + done + n, (byte) 0);
        done += n;
      }
    }
    return done;
  }

  private @Nullable PeSection sectionOrNull(long rva) {
    for (PeSection s : sections) {
      if (s.contains(rva)) {
        return s;
      }
    }
    return null;
  }

  /** What the image is called in messages. */
  public String name() {
    return name;
  }

  /** True when the image is read where it is loaded, false when from its file. */
  public boolean loaded() {
    return loaded;
  }

  /** IMAGE_FILE_HEADER.Machine. */
  public int machine() {
    return header.machine();
  }

  /** True for PE32+ (64-bit images). */
  public boolean is64() {
    return header.plus();
  }

  /**
   * Seconds since 1970, or a hash where {@link DebugDirectory#reproducible()}. Unsigned 32 bits.
   */
  public long timestamp() {
    return header.timestamp();
  }

  /** IMAGE_FILE_HEADER.Characteristics. */
  public int characteristics() {
    return header.characteristics();
  }

  /** RVA of the entry point. */
  public long entryPoint() {
    return header.entryPoint();
  }

  /** The base that the linker chose; a loaded image has its real base there on newer systems. */
  public long imageBase() {
    return header.imageBase();
  }

  /** Bytes of address space. */
  public long sizeOfImage() {
    return header.sizeOfImage();
  }

  /** Bytes of the headers. */
  public long sizeOfHeaders() {
    return header.sizeOfHeaders();
  }

  /** The checksum of the file. */
  public long checksum() {
    return header.checksum();
  }

  /** 1 is native: kernel modules. */
  public int subsystem() {
    return header.subsystem();
  }

  /** DllCharacteristics. */
  public int dllCharacteristics() {
    return header.dllCharacteristics();
  }

  /** The sections in file order. */
  public List<PeSection> sections() {
    return sections;
  }

  /** The section that contains an address. */
  public Optional<PeSection> sectionAt(long rva) {
    return Optional.ofNullable(sectionOrNull(rva));
  }

  /** Where a table lies. */
  public Range directory(Directory which) {
    return directories.get(which.ordinal());
  }

  /** What of the headers could not be read. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** The file offset of an address, empty where the file has no byte for it. */
  public OptionalLong fileOffset(long rva) {
    PeSection s = sectionOrNull(rva);
    if (s != null) {
      long inside = rva - s.rva();
      return inside < s.rawSize() ? OptionalLong.of(s.rawOffset() + inside) : OptionalLong.empty();
    }
    return rva >= 0 && rva < header.sizeOfHeaders() ? OptionalLong.of(rva) : OptionalLong.empty();
  }

  /** The RVA of a file offset, empty where the byte is not loaded. */
  public OptionalLong rvaOfFileOffset(long offset) {
    for (PeSection s : sections) {
      long inside = offset - s.rawOffset();
      if (inside >= 0 && inside < Math.min(s.rawSize(), s.size())) {
        return OptionalLong.of(s.rva() + inside);
      }
    }
    return offset >= 0 && offset < header.sizeOfHeaders()
        ? OptionalLong.of(offset)
        : OptionalLong.empty();
  }

  /** Copies the leading bytes of a range that exist; the answer is their number. */
  public int read(long rva, byte[] target, int at, int length) {
    return source.read(rva, target, at, length);
  }

  /** Exactly {@code length} bytes, or empty if one is missing. */
  public Optional<byte[]> bytes(long rva, int length) {
    byte[] b = new byte[length];
    return read(rva, b, 0, length) == length ? Optional.of(b) : Optional.empty();
  }

  /** The exported names. */
  public ExportTable exports() {
    return exports.get();
  }

  /** The imported names and their slots. */
  public ImportTable imports() {
    return imports.get();
  }

  /** The debug directory. */
  public DebugDirectory debug() {
    return debug.get();
  }

  /** The version resource, empty if there is none or none of it can be read. */
  public Optional<VersionInfo> version() {
    return version.get();
  }

  /** The function table of x64 images. */
  public RuntimeFunctions runtimeFunctions() {
    return runtimeFunctions.get();
  }

  /** The load configuration, empty if there is none or it cannot be read. */
  public Optional<LoadConfig> loadConfig() {
    return LoadConfig.read(this);
  }

  /** The places that change with the base. */
  public Relocations relocations() {
    return relocations.get();
  }

  /** The memory that this image would occupy at a base, relocated to it. */
  public LoadedImage loadedAt(long base) {
    return new LoadedImage(this, base);
  }

  /** Where a loaded image lies; 0 for a file. */
  long loadedBase() {
    return loadedBase;
  }

  /** The leading bytes of a range that exist, at most {@code max}, for parsing. */
  Bytes available(String what, long rva, long max) {
    int want = (int) Math.min(max, Math.max(0, header.sizeOfImage() - rva));
    byte[] buffer = new byte[Math.max(0, want)];
    int got = rva < 0 ? 0 : read(rva, buffer, 0, buffer.length);
    return Bytes.of(what, got == buffer.length ? buffer : Arrays.copyOf(buffer, got));
  }

  /** A NUL-terminated string; empty when a byte of it is missing or it does not end. */
  Optional<String> string(long rva) {
    byte[] chunk = new byte[64];
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    while (text.size() < MAX_STRING) {
      int got = read(rva + text.size(), chunk, 0, chunk.length);
      for (int i = 0; i < got; i++) {
        if (chunk[i] == 0) {
          text.write(chunk, 0, i);
          return Optional.of(text.toString(StandardCharsets.ISO_8859_1));
        }
      }
      if (got < chunk.length) {
        return Optional.empty();
      }
      text.write(chunk, 0, got);
    }
    return Optional.empty();
  }
}
