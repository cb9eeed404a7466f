// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.coff;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.symbols.Symbol;

/**
 * An image file as its symbols see it (Microsoft's "PE Format" specification): sections under their
 * whole names, and the table of symbols, neither of which is loaded into memory.
 */
public final class CoffImage {
  private static final int MAX_SECTIONS = 512;
  private static final int SECTION_HEADER = 40;
  private static final int SHORT_NAME = 8;

  private final Bytes file;
  private final int machine;
  private final long imageBase;
  private final List<Section> sections;
  private final long symbolsAt;
  private final long symbolCount;

  /**
   * A section.
   *
   * @param rva where it is loaded
   * @param size bytes of it that count, of those in the file
   * @param offset where these are in the file
   */
  public record Section(String name, long rva, long size, long offset) {}

  private CoffImage(Bytes file) {
    this.file = file;
    if (file.size() < 64 || file.u16(0) != 0x5a4d) {
      throw new FormatException(file.name(), 0, "no MZ header, so this is no PE image");
    }
    long at = file.u32(0x3c);
    if (!file.has(at, 24) || file.u32(at) != 0x4550) {
      throw new FormatException(file.name(), at, "no PE signature");
    }
    this.machine = file.u16(at + 4);
    this.symbolsAt = file.u32(at + 12);
    this.symbolCount = file.u32(at + 16);
    int optionalSize = file.u16(at + 20);
    long optional = at + 24;
    boolean plus = file.u16(optional) == 0x20b;
    this.imageBase = plus ? file.u64(optional + 24) : file.u32(optional + 28);
    int count = file.u16(at + 6);
    if (count > MAX_SECTIONS) {
      throw new FormatException(file.name(), at + 6, count + " sections");
    }
    List<Section> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(section(optional + optionalSize + (long) i * SECTION_HEADER));
    }
    this.sections = List.copyOf(list);
  }

  /**
   * Reads the headers of a file.
   *
   * @throws FormatException when it is no PE image or is cut short
   */
  public static CoffImage read(Bytes file) {
    return new CoffImage(file);
  }

  private Section section(long at) {
    long virtual = file.u32(at + 8);
    long raw = file.u32(at + 16);
    return new Section(
        longName(file.ascii(at, SHORT_NAME)),
        file.u32(at + 12),
        virtual == 0 ? raw : Math.min(virtual, raw),
        file.u32(at + 20));
  }

  /** {@code /4} means the name at byte 4 of the strings behind the symbols. */
  private String longName(String name) {
    if (name.length() < 2 || name.charAt(0) != '/') {
      return name;
    }
    long offset = 0;
    for (int i = 1; i < name.length(); i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return name;
      }
      offset = offset * 10 + digit;
    }
    String whole = CoffTable.string(file, symbolsAt, symbolCount, offset);
    return whole.isEmpty() ? name : whole;
  }

  /** IMAGE_FILE_HEADER.Machine. */
  public int machine() {
    return machine;
  }

  /** The base that the linker chose, which addresses in debugging information contain. */
  public long imageBase() {
    return imageBase;
  }

  /** The sections in file order. */
  public List<Section> sections() {
    return sections;
  }

  /** The bytes of a section by its whole name; empty when the file has no such section. */
  public Optional<Bytes> bytes(String name) {
    return sections.stream()
        .filter(s -> s.name().equals(name))
        .findFirst()
        .map(s -> file.slice(name, s.offset(), s.size()));
  }

  /** The symbols that stand for addresses, none if the table was stripped. */
  public List<Symbol> symbols() {
    return symbolsAt == 0
        ? List.of()
        : CoffTable.symbols(
            file, symbolsAt, symbolCount, sections.stream().map(Section::rva).toList(), machine);
  }
}
