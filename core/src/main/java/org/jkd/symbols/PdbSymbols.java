// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jkd.pdb.Pdb;
import org.jspecify.annotations.Nullable;

/**
 * The symbols of a PDB. The index is built at the first question.
 *
 * <p>In an image that was reordered after linking (OMAP), a question by address is translated to
 * the order of the source, so that a block that was moved away still belongs to its function; see
 * {@link #locate}.
 */
public final class PdbSymbols implements ModuleSymbols {
  private final Pdb pdb;
  private final Path file;
  private final boolean publicsOnly;
  private @Nullable SymbolIndex index;
  private @Nullable Optional<CodeLookup> lookup;
  private @Nullable Map<String, Integer> byName;
  private @Nullable Map<String, Integer> byFoldedName;
  private @Nullable UnwindRecords unwind;
  private @Nullable PdbTypes types;
  private @Nullable PdbScopes scopes;
  private @Nullable TrampolineNames trampolines;

  /**
   * @param publicsOnly leaves out everything but public symbols, as a stripped PDB would
   */
  public PdbSymbols(Pdb pdb, Path file, boolean publicsOnly) {
    this.pdb = pdb;
    this.file = file;
    this.publicsOnly = publicsOnly;
  }

  /** The file that is read. */
  public Pdb pdb() {
    return pdb;
  }

  private SymbolIndex index() {
    if (index == null) {
      index = new SymbolIndex(pdb, publicsOnly);
    }
    return index;
  }

  @Override
  public SymbolStatus status() {
    return publicsOnly || !pdb.hasPrivateSymbols() ? SymbolStatus.PUBLIC : SymbolStatus.PRIVATE;
  }

  @Override
  public Optional<Path> file() {
    return Optional.of(file);
  }

  /**
   * The RVA where a symbol starts in the final image; where the linker's address was thrown out by
   * the reordering there is none, and the answer is −1.
   */
  private long imageRva(int symbol) {
    return pdb.toImage(index().sourceRva(symbol));
  }

  @Override
  public Optional<Symbol> nearest(long rva) {
    return locate(rva).map(Located::symbol);
  }

  @Override
  public Optional<Located> locate(long rva) {
    long source = pdb.toSource(rva);
    if (source < 0) {
      return Optional.empty();
    }
    Optional<Symbol> jump = trampolines().at(source);
    if (jump.isPresent()) {
      return Optional.of(new Located(jump.get(), source - jump.get().rva()));
    }
    CodeLookup l = lookup().orElse(null);
    CodeLookup.Hit hit = l == null ? null : l.locate(source);
    if (hit != null) {
      long at = pdb.toImage(hit.start());
      Symbol symbol = at < 0 || at == hit.start() ? hit.symbol() : hit.symbol().at(at);
      return Optional.of(new Located(symbol, source - hit.start()));
    }
    int symbol = index().nearest(source);
    if (symbol < 0) {
      return Optional.empty();
    }
    long start = imageRva(symbol);
    return Optional.of(
        new Located(
            index().symbol(symbol, start < 0 ? index().sourceRva(symbol) : start),
            source - index().sourceRva(symbol)));
  }

  private Optional<CodeLookup> lookup() {
    if (lookup == null) {
      lookup = CodeLookup.of(pdb, publicsOnly);
    }
    return lookup;
  }

  /** A stripped file has none. */
  private TrampolineNames trampolines() {
    if (trampolines == null) {
      trampolines = new TrampolineNames(pdb);
    }
    return trampolines;
  }

  @Override
  public Optional<Symbol> next(long rva) {
    Optional<Symbol> other = nextOfFile(rva);
    return trampolines()
        .above(rva)
        .filter(jump -> other.isEmpty() || jump.rva() < other.get().rva())
        .or(() -> other);
  }

  private Optional<Symbol> nextOfFile(long rva) {
    if (pdb.omapFromSource().isEmpty()) {
      CodeLookup l = lookup().orElse(null);
      long above = l == null ? -1 : l.above(rva);
      CodeLookup.Hit hit = l == null || above < 0 ? null : l.locate(above);
      if (hit != null && hit.start() == above) {
        return Optional.of(hit.symbol());
      }
      int place = index().placeAbove(rva);
      if (place >= index().count()) {
        return Optional.empty();
      }
      int symbol = index().nearest(index().sourceRva(index().inOrder(place)));
      return Optional.of(index().symbol(symbol, index().sourceRva(symbol)));
    }
    int best = -1;
    long bestRva = Long.MAX_VALUE;
    for (int i = 0; i < index().count(); i++) {
      int symbol = index().inOrder(i);
      long at = imageRva(symbol);
      if (at > rva && at < bestRva) {
        best = symbol;
        bestRva = at;
      }
    }
    return best < 0 ? Optional.empty() : Optional.of(index().symbol(best, bestRva));
  }

  @Override
  public Optional<Symbol> named(String name) {
    if (byName == null || byFoldedName == null) {
      Optional<Symbol> quick = publicsOnly ? Optional.empty() : quick(name);
      if (quick.isPresent()) {
        return quick;
      }
      byName = new HashMap<>();
      byFoldedName = new HashMap<>();
      for (int i = 0; i < index().count(); i++) {
        int symbol = i;
        if (imageRva(symbol) < 0) {
          continue;
        }
        String shown = index().shown(symbol);
        byName.putIfAbsent(shown, symbol);
        byName.putIfAbsent(index().decorated(symbol), symbol);
        byFoldedName.putIfAbsent(shown.toLowerCase(Locale.ROOT), symbol);
      }
    }
    Integer found = byName.get(name);
    if (found == null) {
      found = byFoldedName.get(name.toLowerCase(Locale.ROOT));
    }
    return found == null
        ? trampolines().named(name)
        : Optional.of(index().symbol(found, imageRva(found)));
  }

  /** A symbol that the file's own hash tables know under exactly this name. */
  private Optional<Symbol> quick(String name) {
    for (long source : pdb.codeNamed(name)) {
      CodeLookup.Hit hit = lookup().map(l -> l.locate(source)).orElse(null);
      long at = pdb.toImage(source);
      if (hit != null
          && at >= 0
          && hit.start() == source
          && (hit.symbol().name().equals(name) || hit.symbol().decorated().equals(name))) {
        return Optional.of(at == source ? hit.symbol() : hit.symbol().at(at));
      }
    }
    return Optional.empty();
  }

  @Override
  public List<Symbol> matching(Predicate<String> name) {
    List<Symbol> result = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < index().count(); i++) {
      int symbol = index().inOrder(i);
      String shown = index().shown(symbol);
      long at = name.test(shown) ? imageRva(symbol) : -1;
      if (at >= 0 && seen.add(shown + '@' + at)) {
        result.add(index().symbol(symbol, at));
      }
    }
    result.addAll(trampolines().matching(name));
    result.sort(Comparator.comparingLong(Symbol::rva));
    return result;
  }

  @Override
  public Types types() {
    return pdbTypes();
  }

  private PdbTypes pdbTypes() {
    if (types == null) {
      types = new PdbTypes(pdb.types(), pdb::typedef);
    }
    return types;
  }

  private PdbScopes scopes() {
    if (scopes == null) {
      scopes = new PdbScopes(pdb, pdbTypes());
    }
    return scopes;
  }

  @Override
  public Optional<SourceLine> line(long rva) {
    return publicsOnly ? Optional.empty() : scopes().line(rva);
  }

  @Override
  public List<InlineFrame> inlined(long rva) {
    return publicsOnly ? List.of() : scopes().inlined(rva);
  }

  @Override
  public List<Long> lineStarts(String file, int line) {
    return publicsOnly ? List.of() : scopes().starts(file, line);
  }

  @Override
  public Optional<Types.FunctionType> functionType(long rva) {
    return publicsOnly ? Optional.empty() : scopes().functionType(rva);
  }

  @Override
  public OptionalLong frameSize(long rva) {
    return publicsOnly ? OptionalLong.empty() : scopes().frameSize(rva);
  }

  @Override
  public Optional<Data> data(String name) {
    return publicsOnly
        ? Optional.empty()
        : pdb.data(name)
            .filter(d -> pdb.toImage(d.sourceRva()) >= 0)
            .map(d -> new Data(pdb.toImage(d.sourceRva()), pdbTypes().type(d.type())));
  }

  @Override
  public List<LocalVariable> variables(long rva, int inlined) {
    return publicsOnly ? List.of() : scopes().variables(rva, inlined);
  }

  @Override
  public UnwindRecords unwindRecords() {
    if (unwind == null) {
      unwind =
          pdb.fpo().count() == 0 && pdb.frameData().count() == 0
              ? UnwindRecords.NONE
              : new PdbUnwindRecords(pdb);
    }
    return unwind;
  }
}
