// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.coff;

import java.util.ArrayList;
import java.util.List;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.symbols.Decoration;
import org.jkd.symbols.Symbol;

/**
 * A table of COFF symbols: records of 18 bytes, and behind them the strings of names that are
 * longer than eight bytes. Wherever it stands, in an image or in a .dbg file, it looks the same.
 */
public final class CoffTable {
  /** Bytes of a symbol and of each of the auxiliary records behind it. */
  private static final int RECORD = 18;

  private static final int SHORT_NAME = 8;
  private static final int MAX_NAME = 1 << 16;

  /** Storage classes: external, static, label, and GNU's weak external. */
  private static final int EXTERNAL = 2;

  private static final int STATIC = 3;
  private static final int LABEL = 6;
  private static final int WEAK = 105;
  private static final int WEAK_GNU = 127;

  /** The derived type of functions, in bits 4 and 5 of the type. */
  private static final int FUNCTION = 0x20;

  private static final int X86 = 0x14c;

  private CoffTable() {}

  /**
   * The symbols of functions, data and labels, in file order; behind them the linker's own marks,
   * such as {@code __data_start__}, which else would hide what begins there.
   *
   * @param at where the table begins in the file
   * @param count records, auxiliary ones included
   * @param sections the RVAs of the sections that symbols refer to, the first being number 1
   * @throws FormatException when the table reaches beyond the file
   */
  public static List<Symbol> symbols(
      Bytes file, long at, long count, List<Long> sections, int machine) {
    if (!file.has(at, count * RECORD)) {
      throw new FormatException(
          file.name(), at, count + " COFF symbols do not fit into its " + file.size() + " bytes");
    }
    List<Symbol> result = new ArrayList<>();
    List<Symbol> marks = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      long p = at + i * RECORD;
      int section = (short) file.u16(p + 12);
      int type = file.u16(p + 14);
      int storage = file.u8(p + 16);
      int auxiliary = file.u8(p + 17);
      i += auxiliary;
      if (section <= 0 || section > sections.size() || !isAddress(storage)) {
        continue;
      }
      String name = name(file, p, at, count);
      long value = file.u32(p + 8);
      // Each object file's part of a section has a symbol that is called like the section.
      boolean ofSection = storage == STATIC && type == 0 && name.startsWith(".");
      if (name.isEmpty() || ofSection) {
        continue;
      }
      boolean function = (type & 0x30) == FUNCTION;
      Symbol symbol =
          new Symbol(
              machine == X86 ? Decoration.shown(name) : name,
              name,
              sections.get(section - 1) + value,
              0,
              function ? Symbol.Kind.PUBLIC_CODE : Symbol.Kind.PUBLIC);
      (name.startsWith("__") && name.endsWith("__") ? marks : result).add(symbol);
    }
    result.addAll(marks);
    return result;
  }

  private static boolean isAddress(int storage) {
    return storage == EXTERNAL
        || storage == STATIC
        || storage == LABEL
        || storage == WEAK
        || storage == WEAK_GNU;
  }

  private static String name(Bytes file, long symbol, long at, long count) {
    return file.u32(symbol) != 0
        ? file.ascii(symbol, SHORT_NAME)
        : string(file, at, count, file.u32(symbol + 4));
  }

  /** A string behind a table; empty when it lies outside of the file. */
  static String string(Bytes file, long at, long count, long offset) {
    long strings = at + count * RECORD;
    if (at == 0 || offset < 4 || !file.has(strings, 4)) {
      return "";
    }
    long size = Math.min(file.u32(strings), file.size() - strings);
    return offset >= size
        ? ""
        : file.ascii(strings + offset, (int) Math.min(MAX_NAME, size - offset));
  }
}
