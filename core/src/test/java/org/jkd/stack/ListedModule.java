// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jkd.image.Memory;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.Types;
import org.jkd.symbols.UnwindRecords;

/** A module for tests: names and unwind records that the test lists, bytes of a given memory. */
final class ListedModule implements CodeSource.Module, ModuleSymbols, UnwindRecords {
  private final String name;
  private final long base;
  private final long size;
  private final SymbolStatus status;
  private final Memory image;
  private final TreeMap<Long, Symbol> symbols = new TreeMap<>();
  private final List<Fpo> fpo = new ArrayList<>();
  private final List<FrameData> frameData = new ArrayList<>();

  ListedModule(String name, long base, long size, SymbolStatus status, Memory image) {
    this.name = name;
    this.base = base;
    this.size = size;
    this.status = status;
    this.image = image;
  }

  ListedModule symbol(String symbol, long address) {
    return symbol(symbol, symbol, address);
  }

  ListedModule symbol(String symbol, String decorated, long address) {
    long rva = address - base;
    symbols.put(rva, new Symbol(symbol, decorated, rva, 0, Symbol.Kind.PUBLIC_CODE));
    return this;
  }

  ListedModule record(Fpo record) {
    fpo.add(record);
    return this;
  }

  ListedModule record(FrameData record) {
    frameData.add(record);
    return this;
  }

  /** A source of several such modules. */
  static CodeSource source(List<ListedModule> modules) {
    return address ->
        modules.stream()
            .filter(m -> Long.compareUnsigned(address - m.base, m.size) < 0)
            .map(CodeSource.Module.class::cast)
            .findFirst();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long base() {
    return base;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public ModuleSymbols symbols() {
    return this;
  }

  @Override
  public Memory image() {
    return image;
  }

  @Override
  public SymbolStatus status() {
    return status;
  }

  @Override
  public Optional<Path> file() {
    return Optional.empty();
  }

  @Override
  public Optional<Symbol> nearest(long rva) {
    return Optional.ofNullable(symbols.floorEntry(rva)).map(e -> e.getValue());
  }

  @Override
  public Optional<Symbol> next(long rva) {
    return Optional.ofNullable(symbols.higherEntry(rva)).map(e -> e.getValue());
  }

  @Override
  public Optional<Symbol> named(String wanted) {
    return symbols.values().stream().filter(s -> s.name().equals(wanted)).findFirst();
  }

  @Override
  public List<Symbol> matching(Predicate<String> filter) {
    return symbols.values().stream().filter(s -> filter.test(s.name())).toList();
  }

  @Override
  public Types types() {
    return Types.NONE;
  }

  @Override
  public UnwindRecords unwindRecords() {
    return this;
  }

  @Override
  public Optional<Fpo> fpo(long rva) {
    return fpo.stream().filter(f -> rva >= f.rva() && rva < f.rva() + f.size()).findFirst();
  }

  @Override
  public Optional<FrameData> frameData(long rva) {
    return frameData.stream()
        .filter(f -> rva >= f.rva() && rva < f.rva() + f.size())
        .max((a, b) -> Long.compare(a.rva(), b.rva()));
  }

  @Override
  public List<Fpo> allFpo() {
    return List.copyOf(fpo);
  }

  @Override
  public List<FrameData> allFrameData() {
    return List.copyOf(frameData);
  }
}
