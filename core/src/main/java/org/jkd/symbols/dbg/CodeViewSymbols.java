// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dbg;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.symbols.Decoration;
import org.jkd.symbols.Symbol;

/**
 * Symbols in the CodeView formats NB09 and NB11: a directory of subsections, of which those with
 * symbols are read. Names have their length before them.
 */
final class CodeViewSymbols {
  /** Subsections: symbols of a module, then three tables of all modules. */
  private static final int ALIGN_SYM = 0x125;

  private static final int GLOBAL_SYM = 0x129;
  private static final int GLOBAL_PUB = 0x12a;
  private static final int STATIC_SYM = 0x134;

  /** Kinds of records with 16-bit types, and the same with 32-bit types. */
  private static final int LDATA32_16T = 0x201;

  private static final int GDATA32_16T = 0x202;
  private static final int PUB32_16T = 0x203;
  private static final int LPROC32_16T = 0x204;
  private static final int GPROC32_16T = 0x205;
  private static final int LDATA32_ST = 0x1007;
  private static final int GDATA32_ST = 0x1008;
  private static final int PUB32_ST = 0x1009;
  private static final int LPROC32_ST = 0x100a;
  private static final int GPROC32_ST = 0x100b;

  private static final int ENTRY = 12;
  private static final int MAX_ENTRIES = 1 << 20;

  /** Of each table of all modules: hash functions, and the sizes of symbols and hash tables. */
  private static final int TABLE_HEADER = 16;

  private final Bytes data;
  private final List<Long> sections;

  /** Procedures and data, whose names are not decorated. */
  final List<Symbol> symbols = new ArrayList<>();

  final List<Symbol> publics = new ArrayList<>();

  private CodeViewSymbols(Bytes data, List<Long> sections) {
    this.data = data;
    this.sections = sections;
  }

  /** The four letters that name the format. */
  static String signature(Bytes data) {
    return data.size() < 8 ? "" : data.ascii(0, 4);
  }

  static CodeViewSymbols read(Bytes data, List<Long> sections) {
    CodeViewSymbols result = new CodeViewSymbols(data, sections);
    result.directory();
    return result;
  }

  private void directory() {
    long at = data.u32(4);
    int header = data.u16(at);
    int entry = data.u16(at + 2);
    long count = data.u32(at + 4);
    if (header < 16 || entry != ENTRY || count > MAX_ENTRIES) {
      throw new FormatException(
          data.name(), at, "a CodeView directory of " + count + " entries of " + entry + " bytes");
    }
    for (long i = 0; i < count; i++) {
      long p = at + header + i * ENTRY;
      Bytes part = data.slice(data.u32(p + 4), data.u32(p + 8));
      switch (data.u16(p)) {
        case ALIGN_SYM -> records(part, 4, part.size());
        case GLOBAL_SYM, GLOBAL_PUB, STATIC_SYM ->
            records(part, TABLE_HEADER, TABLE_HEADER + part.u32(4));
        default -> {
          // Types, files and the like.
        }
      }
    }
  }

  private void records(Bytes part, long from, long to) {
    long end = Math.min(to, part.size());
    for (long p = from; p + 4 <= end; ) {
      int length = part.u16(p);
      if (length < 2) {
        return;
      }
      record(part, p + 4, part.u16(p + 2));
      p += length + 2;
    }
  }

  private void record(Bytes part, long p, int kind) {
    switch (kind) {
      case LDATA32_16T, GDATA32_16T ->
          add(symbols, Symbol.Kind.DATA, part, part.u32(p), part.u16(p + 4), 0, p + 8);
      case LDATA32_ST, GDATA32_ST ->
          add(symbols, Symbol.Kind.DATA, part, part.u32(p + 4), part.u16(p + 8), 0, p + 10);
      case PUB32_16T ->
          add(publics, Symbol.Kind.PUBLIC, part, part.u32(p), part.u16(p + 4), 0, p + 8);
      case PUB32_ST ->
          add(publics, Symbol.Kind.PUBLIC, part, part.u32(p + 4), part.u16(p + 8), 0, p + 10);
      case LPROC32_16T, GPROC32_16T -> procedure(part, p, 24, 33);
      case LPROC32_ST, GPROC32_ST -> procedure(part, p, 28, 35);
      default -> {
        // Blocks, locals, labels, constants.
      }
    }
  }

  /** A function; types of 32 bits move what follows them. */
  private void procedure(Bytes part, long p, int offset, int name) {
    add(
        symbols,
        Symbol.Kind.PROCEDURE,
        part,
        part.u32(p + offset),
        part.u16(p + offset + 4),
        part.u32(p + 12),
        p + name);
  }

  private void add(
      List<Symbol> to, Symbol.Kind kind, Bytes part, long offset, int segment, long size, long at) {
    String name = new String(part.copy(at + 1, part.u8(at)), StandardCharsets.ISO_8859_1);
    if (segment == 0 || segment > sections.size() || name.isEmpty()) {
      return;
    }
    String shown = kind == Symbol.Kind.PUBLIC ? Decoration.shown(name) : name;
    to.add(new Symbol(shown, name, sections.get(segment - 1) + offset, size, kind));
  }
}
