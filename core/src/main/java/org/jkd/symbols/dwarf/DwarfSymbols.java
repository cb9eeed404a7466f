// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jkd.image.FormatException;
import org.jkd.symbols.FileSymbols;
import org.jkd.symbols.InlineFrame;
import org.jkd.symbols.SortedSymbols;
import org.jkd.symbols.SourceLine;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.Types;
import org.jspecify.annotations.Nullable;

/** The symbols of an image from DWARF, completed by its COFF symbols. */
public final class DwarfSymbols extends FileSymbols {
  private final InfoReader info;
  private final Consumer<String> log;
  private final DwarfTypes types;
  private @Nullable LineTable lines;
  private final Map<Unit, Map<Integer, Integer>> files = new HashMap<>();

  private DwarfSymbols(Path file, InfoReader info, List<Symbol> symbols, Consumer<String> log) {
    super(SymbolStatus.DWARF, file, symbols);
    this.info = info;
    this.log = log;
    this.types = new DwarfTypes(info.units(), log);
  }

  /** Reads the functions and variables; lines are read when the first is asked for. */
  static DwarfSymbols read(Path file, Sections sections, List<Symbol> coff, Consumer<String> log) {
    InfoReader info = InfoReader.read(sections, log);
    return new DwarfSymbols(file, info, SortedSymbols.joined(info.symbols(), coff), log);
  }

  private LineTable lines() {
    if (lines == null) {
      LineTable table = new LineTable();
      for (Unit unit : info.units()) {
        if (unit.lines >= 0) {
          try {
            files.put(unit, LineReader.read(unit, table));
          } catch (FormatException e) {
            log.accept("the lines of a unit are read in part: " + e.getMessage());
          }
        }
      }
      lines = table;
    }
    return lines;
  }

  /** A function that was inlined, with the place of the call that it took the place of. */
  private record Inline(String name, long rva, String callFile, int callLine) {}

  /** The functions that were inlined at an address, the innermost first. */
  private List<Inline> inlines(long rva) {
    LineTable table = lines();
    List<Inline> result = new ArrayList<>();
    info.inlined().stream()
        .filter(i -> i.contains(rva))
        .sorted(Comparator.comparingInt(InfoReader.Inlined::depth).reversed())
        .forEach(i -> {
          String name = info.name(i.entry());
          int file = files.getOrDefault(i.unit(), Map.of()).getOrDefault(i.callFile(), -1);
          result.add(new Inline(name == null ? "" : name, i.rva(), table.path(file), i.callLine()));
        });
    return result;
  }

  private static Optional<SourceLine> call(Inline inline, Optional<SourceLine> code) {
    return inline.callLine == 0
        ? Optional.empty()
        : Optional.of(
            new SourceLine(
                inline.callFile,
                inline.callLine,
                code.map(SourceLine::rva).orElse(inline.rva),
                code.map(SourceLine::size).orElse(0L)));
  }

  @Override
  public Optional<SourceLine> line(long rva) {
    // The line table has the innermost line; that of the function itself is where it calls.
    Optional<SourceLine> innermost = lines().at(rva);
    List<Inline> inlined = inlines(rva);
    return inlined.isEmpty() ? innermost : call(inlined.getLast(), innermost);
  }

  @Override
  public List<InlineFrame> inlined(long rva) {
    Optional<SourceLine> code = lines().at(rva);
    Optional<SourceLine> line = code;
    List<InlineFrame> result = new ArrayList<>();
    for (Inline i : inlines(rva)) {
      result.add(new InlineFrame(i.name, i.rva, line));
      line = call(i, code);
    }
    return List.copyOf(result);
  }

  @Override
  public Types types() {
    return types;
  }

  @Override
  public Optional<Data> data(String name) {
    return types.data(name);
  }

  @Override
  public List<Long> lineStarts(String file, int line) {
    return lines().starts(file, line);
  }
}
