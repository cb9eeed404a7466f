// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dbg;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;

/**
 * IMAGE_SEPARATE_DEBUG_HEADER, the section headers of the image, and a debug directory.
 *
 * @param sections RVAs of the image's sections
 * @param parts what the directory names, in file order
 */
record DbgFile(
    int machine, long timestamp, long sizeOfImage, List<Long> sections, List<Part> parts) {
  /** IMAGE_DEBUG_TYPE: what a part is. */
  static final int COFF = 1;

  static final int CODEVIEW = 2;
  static final int FPO = 3;
  static final int OMAP_FROM_SRC = 8;

  private static final int SIGNATURE = 0x4944;
  private static final int HEADER = 48;
  private static final int SECTION = 40;
  private static final int ENTRY = 28;
  private static final int MAX_SECTIONS = 512;
  private static final int MAX_PARTS = 64;

  /** A part of the file. */
  record Part(int type, Bytes bytes) {}

  static DbgFile read(Bytes file) {
    if (file.size() < HEADER || file.u16(0) != SIGNATURE) {
      throw new FormatException(file.name(), 0, "no DI signature, so this is no .dbg file");
    }
    long count = file.u32(24);
    long names = file.u32(28);
    long directory = file.u32(32);
    if (count > MAX_SECTIONS || directory > MAX_PARTS * ENTRY) {
      throw new FormatException(
          file.name(), 24, count + " sections and a directory of " + directory + " bytes");
    }
    List<Long> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sections.add(file.u32(HEADER + (long) i * SECTION + 12));
    }
    long at = HEADER + count * SECTION + names;
    List<Part> parts = new ArrayList<>();
    for (long p = at; p + ENTRY <= at + directory; p += ENTRY) {
      long size = file.u32(p + 16);
      long offset = file.u32(p + 24);
      int type = file.i32(p + 12);
      parts.add(new Part(type, file.slice("part " + type + " of " + file.name(), offset, size)));
    }
    return new DbgFile(file.u16(4), file.u32(8), file.u32(20), sections, parts);
  }

  /** The first part of a type. */
  Optional<Bytes> part(int type) {
    return parts.stream().filter(p -> p.type == type).findFirst().map(Part::bytes);
  }
}
