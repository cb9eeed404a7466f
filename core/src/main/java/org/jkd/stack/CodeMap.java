// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.target.LoadedModule;
import org.jkd.target.Target;
import org.jspecify.annotations.Nullable;

/** The loaded modules of a target with their symbols and image files, found by address. */
public final class CodeMap implements CodeSource {
  private final List<Entry> entries = new ArrayList<>();
  private final long[] bases;
  private int last;

  /**
   * @param symbols the symbols of a module; asked once per module, when a walk first comes through
   * @param images the image file of a module as memory at the addresses where the module is loaded,
   *     empty if there is none
   */
  public CodeMap(
      Target target,
      Function<LoadedModule, ModuleSymbols> symbols,
      Function<LoadedModule, Optional<Memory>> images) {
    List<LoadedModule> sorted = new ArrayList<>(target.modules());
    sorted.sort(Comparator.comparing(LoadedModule::base, Long::compareUnsigned));
    for (LoadedModule module : sorted) {
      entries.add(new Entry(module, target.memory(), symbols, images));
    }
    bases = entries.stream().mapToLong(Entry::base).toArray();
  }

  @Override
  public Optional<Module> at(long address) {
    if (last < bases.length && entries.get(last).loaded.contains(address)) {
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
    if (high < 0 || !entries.get(high).loaded.contains(address)) {
      return Optional.empty();
    }
    last = high;
    return Optional.of(entries.get(high));
  }

  private static final class Entry implements Module {
    private final LoadedModule loaded;
    private final Memory target;
    private final Function<LoadedModule, ModuleSymbols> symbolSource;
    private final Function<LoadedModule, Optional<Memory>> imageSource;
    private @Nullable ModuleSymbols symbols;
    private @Nullable Memory image;

    Entry(
        LoadedModule loaded,
        Memory target,
        Function<LoadedModule, ModuleSymbols> symbolSource,
        Function<LoadedModule, Optional<Memory>> imageSource) {
      this.loaded = loaded;
      this.target = target;
      this.symbolSource = symbolSource;
      this.imageSource = imageSource;
    }

    @Override
    public String name() {
      return loaded.name();
    }

    @Override
    public long base() {
      return loaded.base();
    }

    @Override
    public long size() {
      return loaded.size();
    }

    @Override
    public ModuleSymbols symbols() {
      ModuleSymbols known = symbols;
      if (known == null) {
        known = symbolSource.apply(loaded);
        symbols = known;
      }
      return known;
    }

    @Override
    public Memory image() {
      Memory known = image;
      if (known == null) {
        Optional<Memory> file = imageSource.apply(loaded);
        known = file.isPresent() ? new Overlay(target, file.get()) : target;
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
