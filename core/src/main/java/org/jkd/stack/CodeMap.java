// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.SymbolSet;
import org.jkd.target.LoadedModule;
import org.jkd.target.Target;
import org.jspecify.annotations.Nullable;

/** The modules of a target with their symbols and image files, found by address. */
public final class CodeMap implements CodeSource {
  private final List<Entry> entries;
  private final long[] bases;
  private int last;

  private CodeMap(List<Entry> unsorted) {
    entries = new ArrayList<>(unsorted);
    entries.sort(Comparator.comparing(e -> e.base, Long::compareUnsigned));
    bases = entries.stream().mapToLong(Entry::base).toArray();
  }

  /**
   * The modules of a symbol set: their symbols as the set loads them, their bytes from the memory
   * that their identities name, and where that has gaps from the image files that the set finds.
   */
  public static CodeMap of(SymbolSet symbols) {
    return new CodeMap(
        symbols.modules().stream()
            .map(m ->
                new Entry(
                    m.name(),
                    m.base(),
                    m.size(),
                    () -> symbols.symbols(m),
                    () -> image(symbols, m)))
            .toList());
  }

  /**
   * The modules of a target with symbols of any origin.
   *
   * @param symbols the symbols of a module; asked once per module, when a walk first comes through
   */
  public static CodeMap of(Target target, Function<LoadedModule, ModuleSymbols> symbols) {
    return new CodeMap(
        target.modules().stream()
            .map(m ->
                new Entry(m.name(), m.base(), m.size(), () -> symbols.apply(m), target::memory))
            .toList());
  }

  private static Memory image(SymbolSet symbols, ModuleIdentity module) {
    return symbols
        .loaded(module)
        .imageFile()
        .<Memory>map(f -> new Overlay(module.memory(), f.image().loadedAt(module.base())))
        .orElse(module.memory());
  }

  @Override
  public Optional<Module> at(long address) {
    if (last < bases.length && entries.get(last).contains(address)) {
      return Optional.of(entries.get(last));
    }
    int low = 0;
    int high = bases.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(bases[middle], address) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    if (high < 0 || !entries.get(high).contains(address)) {
      return Optional.empty();
    }
    last = high;
    return Optional.of(entries.get(high));
  }

  private static final class Entry implements Module {
    private final String name;
    private final long base;
    private final long size;
    private final Supplier<ModuleSymbols> symbolSource;
    private final Supplier<Memory> imageSource;
    private @Nullable ModuleSymbols symbols;
    private @Nullable Memory image;

    Entry(
        String name,
        long base,
        long size,
        Supplier<ModuleSymbols> symbolSource,
        Supplier<Memory> imageSource) {
      this.name = name;
      this.base = base;
      this.size = size;
      this.symbolSource = symbolSource;
      this.imageSource = imageSource;
    }

    boolean contains(long address) {
      return Long.compareUnsigned(address - base, size) < 0;
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
      ModuleSymbols known = symbols;
      if (known == null) {
        known = symbolSource.get();
        symbols = known;
      }
      return known;
    }

    @Override
    public Memory image() {
      Memory known = image;
      if (known == null) {
        known = imageSource.get();
        image = known;
      }
      return known;
    }
  }

  /** One memory, and another one where the first has gaps. */
  private record Overlay(Memory first, Memory second) implements Memory {
    @Override
    public int read(long address, byte[] target, int at, int length) {
      int done = 0;
      while (done < length) {
        int got = first.read(address + done, target, at + done, length - done);
        if (got == 0) {
          // Only up to the end of the page: the first memory may go on after its gap.
          int rest = (int) (0x1000 - (address + done & 0xfff));
          got = second.read(address + done, target, at + done, Math.min(rest, length - done));
        }
        if (got == 0) {
          break;
        }
        done += got;
      }
      return done;
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      Unreadable why = second.whyUnreadable(address);
      return why instanceof Unreadable.IsReadable ? why : first.whyUnreadable(address);
    }
  }
}
