// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.breakpad;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jkd.symbols.CfiRecords;
import org.jkd.symbols.ListedRecords;
import org.jkd.symbols.ListedSymbols;
import org.jkd.symbols.SortedSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.UnwindRecords;

/** A Breakpad symbol file that was read. */
public final class BreakpadSymbols extends ListedSymbols implements CfiRecords {
  private final Path file;
  private final String architecture;
  private final String id;
  private final String module;
  private final UnwindRecords records;
  private final List<Cfi> cfi;
  private final int badLines;

  /**
   * A STACK CFI line.
   *
   * @param end where the rules of its function end
   * @param first true for an INIT line
   */
  record Cfi(long rva, long end, boolean first, String rules) {}

  BreakpadSymbols(
      Path file,
      String architecture,
      String id,
      String module,
      List<Symbol> symbols,
      UnwindRecords records,
      List<Cfi> cfi,
      int badLines) {
    super(withoutShadowedPublics(SortedSymbols.sorted(symbols)));
    this.file = file;
    this.architecture = architecture;
    this.id = id;
    this.module = module;
    this.records = records;
    this.cfi = cfi.stream().sorted(Comparator.comparingLong(Cfi::rva)).toList();
    this.badLines = badLines;
  }

  /** A procedure wins over publics inside it. */
  private static List<Symbol> withoutShadowedPublics(List<Symbol> sorted) {
    long[] end = {-1};
    return sorted.stream()
        .filter(s -> {
          if (s.kind() == Symbol.Kind.PROCEDURE) {
            end[0] = Math.max(end[0], s.rva() + s.size());
            return true;
          }
          return s.rva() >= end[0];
        })
        .toList();
  }

  /** The processor of the MODULE line, for instance {@code x86_64}. */
  public String architecture() {
    return architecture;
  }

  /** GUID and age of the MODULE line, as in symbol stores. */
  public String id() {
    return id;
  }

  /** The file name of the PDB in the MODULE line. */
  public String module() {
    return module;
  }

  /** Lines that looked like records and were none. */
  public int badLines() {
    return badLines;
  }

  @Override
  public SymbolStatus status() {
    return SymbolStatus.OTHER;
  }

  @Override
  public Optional<Path> file() {
    return Optional.of(file);
  }

  @Override
  public UnwindRecords unwindRecords() {
    return records;
  }

  @Override
  public CfiRecords cfi() {
    return this;
  }

  @Override
  public Optional<String> rules(long rva) {
    int at = ListedRecords.lastAtOrBelow(cfi, rva, Cfi::rva);
    int start = at;
    while (start >= 0 && !cfi.get(start).first()) {
      start--;
    }
    if (start < 0 || rva >= cfi.get(start).end()) {
      return Optional.empty();
    }
    StringBuilder rules = new StringBuilder();
    for (int i = start; i <= at; i++) {
      rules.append(cfi.get(i).rules()).append(' ');
    }
    return Optional.of(rules.toString());
  }
}
