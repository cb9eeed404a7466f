// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;

/**
 * Recognises kernel dumps and opens them. The file is mapped, not read, so a dump of 100 GB opens
 * as fast as a small one.
 *
 * <p>The type field and the signature behind the header should agree; where they do not, the
 * signature is believed and the dump keeps a note.
 */
public final class DumpFile {
  private static final int COMPLETE = 1;
  private static final int SUMMARY = 2;
  private static final int HEADER_ONLY = 3;
  private static final int TRIAGE = 4;
  private static final int RANGE_FIRST = 8;
  private static final int RANGE_COMPLETE = 10;

  private DumpFile() {}

  /**
   * Opens a dump.
   *
   * @throws FormatException if the file is no kernel dump; the message names the file and says what
   *     it is instead, as far as that can be told
   */
  public static Dump open(Path path) throws IOException {
    return open(Bytes.map(path));
  }

  /** The same for bytes that are at hand already. */
  public static Dump open(Bytes file) {
    DumpFormat format = format(file);
    if (file.size() < format.headerSize()) {
      throw new FormatException(
          file.name(),
          -1,
          "not a usable crash dump (the file ends inside the header, after 0x"
              + Long.toHexString(file.size())
              + " of 0x"
              + Integer.toHexString(format.headerSize())
              + " bytes)");
    }
    List<String> notes = new ArrayList<>();
    DumpHeader header = new HeaderReader(file, notes).read(format);
    return body(file, header, notes);
  }

  /** True when the first bytes are those of a kernel dump. */
  public static boolean isKernelDump(Bytes file) {
    return file.has(0, 8) && magic(file).startsWith("PAGEDU");
  }

  private static DumpFormat format(Bytes file) {
    if (file.has(0, 8)) {
      String magic = magic(file);
      if (magic.equals("PAGEDUMP")) {
        return DumpFormat.PAGEDUMP;
      }
      if (magic.equals("PAGEDU64")) {
        return DumpFormat.PAGEDU64;
      }
    }
    throw new FormatException(
        file.name(), -1, "not a Windows crash dump (" + Signatures.describe(file) + ")");
  }

  private static String magic(Bytes file) {
    return new String(file.copy(0, 8), StandardCharsets.ISO_8859_1);
  }

  private static Dump body(Bytes file, DumpHeader header, List<String> notes) {
    int base = header.format().headerSize();
    int type = header.dumpType().orElse(0);
    if (header.dumpType().isEmpty()) {
      notes.add("the header does not say its dump type");
    }
    if (Signatures.isBitmap(file, base)) {
      noteMismatch(type, type == SUMMARY || type == 5 || type == 6 || type == 7, "bitmap", notes);
      return new BitmapReader(file, header, notes).read(type == SUMMARY);
    }
    if (Signatures.isRange(file, base)) {
      boolean fits = type >= RANGE_FIRST && type <= RANGE_COMPLETE;
      noteMismatch(type, fits, "range", notes);
      return new RangeReader(file, header, notes).read(type == RANGE_COMPLETE);
    }
    if (type == TRIAGE && file.has(base, TriageHeader.size(header.format()))
        || type != COMPLETE && Signatures.isTriage(file, header.format())) {
      noteMismatch(type, type == TRIAGE, "triage", notes);
      return new TriageReader(file, header, notes).read();
    }
    if (type == HEADER_ONLY) {
      return new Dump.HeaderDump(file, header, "Kernel Header Dump File", notes);
    }
    if ((type == COMPLETE || type == 0) && !header.runs().isEmpty()) {
      return CompleteReader.read(file, header, notes);
    }
    notes.add(
        "dump type "
            + type
            + ": the memory it should hold was not found, so only the header can be used");
    return new Dump.HeaderDump(file, header, "Kernel Dump File: only its header", notes);
  }

  private static void noteMismatch(int type, boolean fits, String found, List<String> notes) {
    if (!fits && type != 0) {
      notes.add("the header says dump type " + type + ", but the file is a " + found + " dump");
    }
  }
}
