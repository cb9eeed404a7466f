// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.breakpad;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jkd.symbols.CfiRecords;
import org.jkd.symbols.ListedSymbols;
import org.jkd.symbols.SortedSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.UnwindRecords;

/** A Breakpad symbol file that was read. */
public final class BreakpadSymbols extends ListedSymbols implements UnwindRecords, CfiRecords {
  /** The most records that are looked at below an address for one that covers it. */
  private static final int MAX_NESTING = 64;

  private final Path file;
  private final String architecture;
  private final String id;
  private final String module;
  private final List<Fpo> fpo;
  private final List<FrameData> frameData;
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
      List<Fpo> fpo,
      List<FrameData> frameData,
      List<Cfi> cfi,
      int badLines) {
    super(withoutShadowedPublics(SortedSymbols.sorted(symbols)));
    this.file = file;
    this.architecture = architecture;
    this.id = id;
    this.module = module;
    this.fpo = sorted(fpo, Fpo::rva);
    this.frameData = sorted(frameData, FrameData::rva);
    this.cfi = sorted(cfi, Cfi::rva);
    this.badLines = badLines;
  }

  private static <T> List<T> sorted(List<T> list, ToLongFunction<T> key) {
    return list.stream().sorted(Comparator.comparingLong(key)).toList();
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
    return this;
  }

  @Override
  public CfiRecords cfi() {
    return this;
  }

  @Override
  public Optional<Fpo> fpo(long rva) {
    return innermost(fpo, rva, Fpo::rva, f -> f.rva() + f.size());
  }

  @Override
  public Optional<FrameData> frameData(long rva) {
    return innermost(frameData, rva, FrameData::rva, f -> f.rva() + f.size());
  }

  @Override
  public List<Fpo> allFpo() {
    return fpo;
  }

  @Override
  public List<FrameData> allFrameData() {
    return frameData;
  }

  @Override
  public Optional<String> rules(long rva) {
    int at = lastAtOrBelow(cfi, rva, Cfi::rva);
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

  /** The record with the latest start that covers an address. */
  private static <T> Optional<T> innermost(
      List<T> list, long rva, ToLongFunction<T> start, ToLongFunction<T> end) {
    int at = lastAtOrBelow(list, rva, start);
    for (int i = at; i >= 0 && i > at - MAX_NESTING; i--) {
      if (rva < end.applyAsLong(list.get(i))) {
        return Optional.of(list.get(i));
      }
    }
    return Optional.empty();
  }

  private static <T> int lastAtOrBelow(List<T> list, long rva, ToLongFunction<T> start) {
    int low = 0;
    int high = list.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (start.applyAsLong(list.get(middle)) <= rva) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }
}
