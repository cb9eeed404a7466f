// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dbg;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.pdb.Omap;
import org.jkd.symbols.FileSymbols;
import org.jkd.symbols.ImageFormat;
import org.jkd.symbols.ListedRecords;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.SortedSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.UnwindRecords;
import org.jkd.symbols.coff.CoffTable;

/**
 * .dbg files, which belong to an image of the same timestamp and size. Images that were reordered
 * after linking have an address map in them: symbols and records are read in the order of the
 * source and translated.
 */
public final class DbgFormat implements ImageFormat {
  private static final int FPO_RECORD = 16;

  @Override
  public List<String> extensions() {
    return List.of("dbg");
  }

  @Override
  public Optional<ModuleSymbols> open(Path file, ModuleIdentity module, Consumer<String> log)
      throws IOException {
    DbgFile dbg = DbgFile.read(Bytes.map(file));
    if (dbg.timestamp() != module.timestamp() || dbg.sizeOfImage() != module.size()) {
      throw new FormatException(
          "mismatched .dbg file",
          -1,
          SymbolLoader.imageKey(dbg.timestamp(), dbg.sizeOfImage())
              + " instead of "
              + SymbolLoader.imageKey(module.timestamp(), module.size()));
    }
    return read(file, dbg, log);
  }

  private static Optional<ModuleSymbols> read(Path file, DbgFile dbg, Consumer<String> log) {
    List<Symbol> publics = new ArrayList<>();
    List<Symbol> symbols = new ArrayList<>();
    SymbolStatus status = SymbolStatus.COFF;
    Optional<Bytes> codeView = dbg.part(DbgFile.CODEVIEW);
    String format = codeView.map(CodeViewSymbols::signature).orElse("");
    if (format.equals("NB09") || format.equals("NB11")) {
      CodeViewSymbols read = CodeViewSymbols.read(codeView.orElseThrow(), dbg.sections());
      symbols.addAll(read.symbols);
      publics.addAll(read.publics);
      status = SymbolStatus.OTHER;
    } else if (format.equals("NB10")) {
      Bytes b = codeView.orElseThrow();
      String pdb = b.utf8(16, (int) (b.size() - 16));
      log.accept(file + ": its names are in " + pdb + ": PDBs before version 7.0 are not read");
    } else if (!format.isEmpty()) {
      log.accept(file + ": CodeView of the unknown format " + format);
    }
    dbg.part(DbgFile.COFF).ifPresent(b -> publics.addAll(coff(b, dbg)));
    Optional<Omap> moved = dbg.part(DbgFile.OMAP_FROM_SRC).map(Omap::of);
    List<Symbol> all = new ArrayList<>();
    for (Symbol s : SortedSymbols.joined(symbols, publics)) {
      long rva = moved.map(m -> m.map(s.rva())).orElse(s.rva());
      if (rva >= 0) {
        all.add(new Symbol(s.name(), s.decorated(), rva, s.size(), s.kind()));
      }
    }
    UnwindRecords records =
        dbg.part(DbgFile.FPO)
            .<UnwindRecords>map(b -> new ListedRecords(fpo(b, moved), List.of()))
            .orElse(UnwindRecords.NONE);
    return all.isEmpty() && records == UnwindRecords.NONE
        ? Optional.empty()
        : Optional.of(new DbgSymbols(status, file, all, records));
  }

  /** IMAGE_COFF_SYMBOLS_HEADER: the number of symbols and how far away they are. */
  private static List<Symbol> coff(Bytes part, DbgFile dbg) {
    return CoffTable.symbols(part, part.u32(4), part.u32(0), dbg.sections(), dbg.machine());
  }

  private static List<UnwindRecords.Fpo> fpo(Bytes part, Optional<Omap> moved) {
    List<UnwindRecords.Fpo> result = new ArrayList<>();
    for (long p = 0; p + FPO_RECORD <= part.size(); p += FPO_RECORD) {
      long source = part.u32(p);
      long rva = moved.map(m -> m.map(source)).orElse(source);
      int bits = part.u16(p + 14);
      if (rva >= 0) {
        result.add(
            new UnwindRecords.Fpo(
                rva,
                part.u32(p + 4),
                4 * part.u32(p + 8),
                4 * part.u16(p + 12),
                bits & 0xff,
                bits >>> 8 & 7,
                (bits >>> 11 & 1) != 0,
                (bits >>> 12 & 1) != 0,
                bits >>> 14));
      }
    }
    return result;
  }

  /** What was read. */
  private static final class DbgSymbols extends FileSymbols {
    private final UnwindRecords records;

    DbgSymbols(SymbolStatus status, Path file, List<Symbol> symbols, UnwindRecords records) {
      super(status, file, symbols);
      this.records = records;
    }

    @Override
    public UnwindRecords unwindRecords() {
      return records;
    }
  }
}
