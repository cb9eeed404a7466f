// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.breakpad;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jkd.image.FormatException;
import org.jkd.symbols.ListedRecords;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.TextLines;
import org.jkd.symbols.UnwindRecords;

/**
 * Reads the lines of a Breakpad symbol file. Line and inline records are passed over. A line that
 * is no record of the format is counted, not fatal: dumpers differ in what they add.
 */
final class BreakpadReader {
  /** More records than any module has. */
  private static final int MAX_RECORDS = 8_000_000;

  /** The longest name or program that is kept, characters. */
  private static final int MAX_TEXT = 0x4000;

  /** What is longer is no record. */
  private static final int MAX_LINE = 0x8000;

  private final Path file;
  private final List<Symbol> symbols = new ArrayList<>();
  private final List<UnwindRecords.Fpo> fpo = new ArrayList<>();
  private final List<UnwindRecords.FrameData> frameData = new ArrayList<>();
  private final List<BreakpadSymbols.Cfi> cfi = new ArrayList<>();

  /** The same few programs and rules stand in thousands of lines. */
  private final Map<String, String> texts = new HashMap<>();

  private int badLines;
  private long cfiEnd;

  BreakpadReader(Path file) {
    this.file = file;
  }

  BreakpadSymbols read(InputStream in) throws IOException {
    Reader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
    String first = TextLines.next(reader, MAX_LINE);
    String[] module = first == null ? new String[0] : first.strip().split(" ", 5);
    if (module.length < 5 || !module[0].equals("MODULE")) {
      throw new FormatException(
          file.toString(), 0, "a Breakpad symbol file begins with a MODULE line");
    }
    int records = 0;
    for (String line = TextLines.next(reader, MAX_LINE);
        line != null;
        line = TextLines.next(reader, MAX_LINE)) {
      char c = line.isEmpty() ? ' ' : line.charAt(0);
      if (c != 'F' && c != 'P' && c != 'S') {
        continue;
      }
      if (++records > MAX_RECORDS) {
        throw new FormatException(
            file.toString(), -1, "more than " + MAX_RECORDS + " records in a symbol file");
      }
      if (!line.startsWith("FILE ") && !record(line)) {
        badLines++;
      }
    }
    return new BreakpadSymbols(
        file,
        module[2],
        module[3],
        module[4],
        symbols,
        new ListedRecords(fpo, frameData),
        cfi,
        badLines);
  }

  private boolean record(String line) {
    try {
      if (line.startsWith("FUNC ")) {
        return symbol(fields(line.substring(5), 4), Symbol.Kind.PROCEDURE);
      }
      if (line.startsWith("PUBLIC ")) {
        return symbol(fields(line.substring(7), 3), Symbol.Kind.PUBLIC_CODE);
      }
      if (line.startsWith("STACK WIN ")) {
        return win(line.substring(10).split(" ", 11));
      }
      return line.startsWith("STACK CFI ") && cfi(line.substring(10));
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** The fields of a record, without the mark {@code m} of addresses with several names. */
  private static String[] fields(String text, int count) {
    return (text.startsWith("m ") ? text.substring(2) : text).split(" ", count);
  }

  /** {@code address size parameters name}, or without the size. */
  private boolean symbol(String[] f, Symbol.Kind kind) {
    boolean sized = kind == Symbol.Kind.PROCEDURE;
    if (f.length < (sized ? 4 : 3) || f[f.length - 1].length() > MAX_TEXT) {
      return false;
    }
    String name = f[f.length - 1];
    symbols.add(new Symbol(name, name, hex(f[0]), sized ? hex(f[1]) : 0, kind));
    return true;
  }

  /**
   * {@code type rva size prolog epilog params savedRegs locals maxStack hasProgram
   * (program|allocatesBase)}; sizes are bytes. Type 0 is FPO_DATA, 4 FrameData; others say nothing.
   */
  private boolean win(String[] f) {
    if (f.length < 11) {
      return false;
    }
    long rva = hex(f[1]);
    long size = hex(f[2]);
    boolean program = f[9].equals("1");
    if (f[0].equals("4") && program) {
      frameData.add(
          new UnwindRecords.FrameData(
              rva,
              size,
              hex(f[7]),
              hex(f[5]),
              hex(f[8]),
              text(f[10]),
              (int) hex(f[3]),
              (int) hex(f[6]),
              0));
    } else if (f[0].equals("0") && !program) {
      fpo.add(
          new UnwindRecords.Fpo(
              rva,
              size,
              hex(f[7]),
              (int) hex(f[5]),
              (int) hex(f[3]),
              (int) hex(f[6]) / 4,
              false,
              f[10].strip().equals("1"),
              0));
    }
    return true;
  }

  /** {@code INIT rva size rules} begins a function, {@code rva rules} changes some inside it. */
  private boolean cfi(String text) {
    boolean first = text.startsWith("INIT ");
    String[] f = (first ? text.substring(5) : text).split(" ", first ? 3 : 2);
    if (f.length < (first ? 3 : 2) || f[f.length - 1].length() > MAX_TEXT) {
      return false;
    }
    long rva = hex(f[0]);
    if (first) {
      cfiEnd = rva + hex(f[1]);
    }
    cfi.add(new BreakpadSymbols.Cfi(rva, cfiEnd, first, text(f[f.length - 1])));
    return true;
  }

  private String text(String text) {
    String known = texts.putIfAbsent(text, text);
    return known == null ? text : known;
  }

  private static long hex(String text) {
    return Long.parseLong(text, 16);
  }
}
