// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jkd.cabinet.Cabinet;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.tukaani.xz.XZInputStream;

/**
 * Archives of dumps: ZIP files, cabinets, and single dumps packed with gzip or xz. Members are
 * unpacked one after the other when they are opened, into memory or a temporary file; an archive
 * inside an archive is not opened.
 */
final class Archives {
  private static final int MAGIC = 8;
  private static final int XZ_DECODER_KB = 1 << 17;
  private static final int BUFFER = 1 << 16;
  private static final List<String> DUMP_NAMES = List.of(".dmp", ".mdmp", ".hdmp", ".kdmp");

  private Archives() {}

  /** What the first bytes of a file say it is. */
  enum Kind {
    ZIP,
    CABINET,
    GZIP,
    XZ,
    DUMP,
    OTHER;

    static Kind of(byte[] start) {
      String text = new String(start, StandardCharsets.ISO_8859_1);
      if (text.startsWith("PAGEDU") || text.startsWith("MDMP")) {
        return DUMP;
      }
      if (text.startsWith("PK\3\4")) {
        return ZIP;
      }
      if (text.startsWith("MSCF")) {
        return CABINET;
      }
      if (text.startsWith("\u001f\u008b\b")) {
        return GZIP;
      }
      return text.startsWith("\u00fd7zXZ\0") ? XZ : OTHER;
    }

    boolean isArchive() {
      return this != DUMP && this != OTHER;
    }
  }

  /** What a file is. */
  static Kind kind(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Kind.of(in.readNBytes(MAGIC));
    }
  }

  /** True for a name that dumps have. */
  static boolean isDumpName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return DUMP_NAMES.stream().anyMatch(lower::endsWith);
  }

  /** Gets the dumps of an archive, one after the other; the archive stays open that long. */
  @FunctionalInterface
  interface Sink {
    void dump(DumpSource source) throws IOException;
  }

  /**
   * Hands over the dumps of an archive.
   *
   * @return how many there were
   */
  static int each(Path file, Kind kind, Limits limits, Sink sink) throws IOException {
    Spill.Budget budget = new Spill.Budget(limits.archiveBytes());
    return switch (kind) {
      case ZIP -> zip(file, limits, budget, sink);
      case CABINET -> cabinet(file, limits, budget, sink);
      case GZIP, XZ -> {
        sink.dump(single(file, kind, limits, budget));
        yield 1;
      }
      case DUMP, OTHER -> 0;
    };
  }

  private static int zip(Path file, Limits limits, Spill.Budget budget, Sink sink)
      throws IOException {
    int found = 0;
    int seen = 0;
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (Enumeration<? extends ZipEntry> e = zip.entries();
          e.hasMoreElements() && seen < limits.members();
          seen++) {
        ZipEntry entry = e.nextElement();
        Optional<DumpSource> dump =
            entry.isDirectory() ? Optional.empty() : member(file, zip, entry, limits, budget);
        if (dump.isPresent()) {
          sink.dump(dump.get());
          found++;
        }
      }
    }
    return found;
  }

  private static Optional<DumpSource> member(
      Path file, ZipFile zip, ZipEntry entry, Limits limits, Spill.Budget budget)
      throws IOException {
    Kind kind;
    try (InputStream in = zip.getInputStream(entry)) {
      kind = Kind.of(in.readNBytes(MAGIC));
    } catch (IOException e) {
      kind = Kind.OTHER; // damaged or encrypted; its name decides, and opening it says why
    }
    if (kind == Kind.OTHER && !isDumpName(entry.getName())) {
      return Optional.empty();
    }
    if (kind.isArchive()) {
      return Optional.of(nested(file, entry.getName()));
    }
    return Optional.of(
        DumpSource.of(
            file,
            entry.getName(),
            arena -> {
              try (InputStream in = zip.getInputStream(entry)) {
                return unpack(
                    entry.getName(),
                    in::transferTo,
                    new Spill(limits, entry::getCompressedSize, budget),
                    arena);
              }
            }));
  }

  private static DumpSource nested(Path file, String name) throws IOException {
    return DumpSource.of(
        file,
        name,
        arena -> {
          throw new ArchiveException("an archive inside an archive is not opened");
        });
  }

  private static int cabinet(Path file, Limits limits, Spill.Budget budget, Sink sink)
      throws IOException {
    Cabinet cabinet = new Cabinet(Bytes.map(file));
    long packed = Files.size(file);
    int found = 0;
    for (Cabinet.Member member : cabinet.members().stream().limit(limits.members()).toList()) {
      if (isDumpName(member.name())) {
        found++;
        sink.dump(
            DumpSource.of(
                file,
                member.name(),
                arena ->
                    unpack(
                        member.name(),
                        out -> cabinet.expand(member, limits.memberBytes(), out),
                        new Spill(limits, () -> packed, budget),
                        arena)));
      }
    }
    return found;
  }

  /** False for a file packed alone that neither is a dump nor is called one. */
  static boolean mayHoldDumps(Path file, Kind kind) {
    if (kind != Kind.GZIP && kind != Kind.XZ) {
      return kind.isArchive();
    }
    String name = String.valueOf(file.getFileName());
    if (isDumpName(name.substring(0, name.lastIndexOf('.') < 0 ? 0 : name.lastIndexOf('.')))) {
      return true;
    }
    try (InputStream in = Files.newInputStream(file);
        InputStream plain = plain(in, kind)) {
      return Kind.of(plain.readNBytes(MAGIC)) == Kind.DUMP;
    } catch (IOException e) {
      return false; // nothing speaks for a dump
    }
  }

  private static InputStream plain(InputStream in, Kind kind) throws IOException {
    return kind == Kind.GZIP
        ? new GZIPInputStream(in, BUFFER)
        : new XZInputStream(in, XZ_DECODER_KB);
  }

  private static DumpSource single(Path file, Kind kind, Limits limits, Spill.Budget budget)
      throws IOException {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    String member = dot > 0 ? name.substring(0, dot) : name;
    return DumpSource.of(
        file,
        member,
        arena -> {
          try (Counting in = new Counting(Files.newInputStream(file));
              InputStream plain = plain(in, kind)) {
            return unpack(member, plain::transferTo, new Spill(limits, in, budget), arena);
          }
        });
  }

  @FunctionalInterface
  private interface Unpacking {
    void into(OutputStream out) throws IOException;
  }

  private static Bytes unpack(
      String member, Unpacking unpacking, Spill spill, java.lang.foreign.Arena arena)
      throws IOException {
    try {
      unpacking.into(spill);
      Bytes bytes = spill.bytes(label(member), arena);
      byte[] start = bytes.copy(0, (int) Math.min(MAGIC, bytes.size()));
      if (Kind.of(start).isArchive()) {
        throw new ArchiveException("an archive inside an archive is not opened");
      }
      return bytes;
    } catch (ArchiveException e) {
      throw e;
    } catch (IOException | FormatException e) {
      throw new ArchiveException("it cannot be unpacked: " + e.getMessage());
    } finally {
      spill.discard();
    }
  }

  /** The last part of a member's name, fit to be a file's: names in archives may be anything. */
  static String label(String member) {
    String name = member.substring(Math.max(member.lastIndexOf('/'), member.lastIndexOf('\\')) + 1);
    StringBuilder safe = new StringBuilder();
    name.chars()
        .limit(128)
        .forEach(c ->
            safe.append(Character.isLetterOrDigit(c) || "._- ".indexOf(c) >= 0 ? (char) c : '_'));
    return safe.isEmpty() ? "member" : safe.toString();
  }

  /** Counts what is read. */
  private static final class Counting extends FilterInputStream implements LongSupplier {
    private long count;

    Counting(InputStream in) {
      super(in);
    }

    @Override
    public long getAsLong() {
      return count;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
      int got = super.read(into, at, length);
      count += Math.max(0, got);
      return got;
    }
  }

  /** All members of an archive, for tests. */
  static List<String> names(Path file, Limits limits) throws IOException {
    List<String> names = new ArrayList<>();
    each(file, kind(file), limits, s -> names.add(s.member()));
    return names;
  }
}
