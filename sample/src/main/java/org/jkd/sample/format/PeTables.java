// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tables inside PE images. */
public final class PeTables {
  private PeTables() {}

  /** An exported address; a null name exports by ordinal only. */
  public record Export(@Nullable String name, int ordinal, int rva) {}

  /** A function imported from {@code dll} through the slot at {@code slotRva}. */
  public record Import(String dll, String function, int slotRva) {}

  /** The import slots of an image, which lie at one place in the order in which they were asked. */
  public static final class Imports {
    private final int rva;
    private final int slot;
    private final List<List<Import>> byDll = new ArrayList<>();

    /**
     * Plans the slots.
     *
     * @param rva where the first slot lies
     * @param functions {@code "dll!function"}, those of one DLL together
     */
    public Imports(int rva, boolean wide, List<String> functions) {
      this.rva = rva;
      this.slot = wide ? 8 : 4;
      int at = rva;
      for (String function : functions) {
        String[] parts = function.split("!");
        if (byDll.isEmpty() || !byDll.getLast().getFirst().dll().equals(parts[0])) {
          at += byDll.isEmpty() ? 0 : slot;
          byDll.add(new ArrayList<>());
        }
        byDll.getLast().add(new Import(parts[0], parts[1], at));
        at += slot;
      }
    }

    /** Where the first slot lies. */
    public int rva() {
      return rva;
    }

    /** All imports. */
    public List<Import> all() {
      return byDll.stream().flatMap(List::stream).toList();
    }

    /** The slot of a function. */
    public int slot(String function) {
      return all().stream()
          .filter(one -> one.function().equals(function))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("not imported: " + function))
          .slotRva();
    }

    int size(boolean wide) {
      return all().isEmpty() ? 0 : all().getLast().slotRva() + 2 * (wide ? 8 : 4) - rva;
    }

    /**
     * Descriptors, lookup tables and names, to be placed at {@code at}. Until the loader binds
     * them, the slots hold the same as the lookup tables.
     */
    byte[] descriptors(int at, boolean wide, PeWriter.Section slots) {
      Blob blob = new Blob();
      blob.grow(20 * (byDll.size() + 1));
      int descriptor = 0;
      for (List<Import> imports : byDll) {
        int lookup = blob.align(slot).size();
        blob.grow(lookup + slot * (imports.size() + 1));
        for (int i = 0; i < imports.size(); i++) {
          int name = blob.align(2).size();
          blob.add16(0).addZ(imports.get(i).function());
          int slotAt = imports.get(i).slotRva() - slots.rva();
          if (wide) {
            blob.u64(lookup + 8 * i, at + name);
            slots.content().u64(slotAt, at + name);
          } else {
            blob.u32(lookup + 4 * i, at + name);
            slots.content().u32(slotAt, at + name);
          }
        }
        blob.u32(descriptor, at + lookup).u32(descriptor + 12, at + blob.size());
        blob.u32(descriptor + 16, imports.getFirst().slotRva());
        blob.addZ(imports.getFirst().dll());
        descriptor += 20;
      }
      return blob.bytes();
    }
  }

  static byte[] exports(int at, int timestamp, String dll, List<Export> exports) {
    List<Export> byOrdinal = new ArrayList<>(exports);
    byOrdinal.sort(Comparator.comparingInt(Export::ordinal));
    TreeMap<String, Integer> names = new TreeMap<>();
    int base = byOrdinal.getFirst().ordinal();
    int count = byOrdinal.getLast().ordinal() - base + 1;
    for (Export export : byOrdinal) {
      if (export.name() != null) {
        names.put(export.name(), export.ordinal() - base);
      }
    }
    int functionsAt = 40;
    int namesAt = functionsAt + 4 * count;
    int ordinalsAt = namesAt + 4 * names.size();
    Blob blob = new Blob();
    blob.grow(ordinalsAt + 2 * names.size());
    blob.u32(4, timestamp).u32(16, base).u32(20, count).u32(24, names.size());
    blob.u32(28, at + functionsAt).u32(32, at + namesAt).u32(36, at + ordinalsAt);
    for (Export export : byOrdinal) {
      blob.u32(functionsAt + 4 * (export.ordinal() - base), export.rva());
    }
    blob.u32(12, at + blob.size()).addZ(dll);
    int i = 0;
    for (Map.Entry<String, Integer> name : names.entrySet()) {
      blob.u32(namesAt + 4 * i, at + blob.size()).u16(ordinalsAt + 2 * i, name.getValue());
      blob.addZ(name.getKey());
      i++;
    }
    return blob.bytes();
  }

  static byte[] relocations(SortedSet<Integer> places, boolean wide) {
    Blob blob = new Blob();
    int block = -1;
    int page = -1;
    for (int rva : places) {
      if ((rva & ~0xfff) != page) {
        close(blob, block);
        page = rva & ~0xfff;
        block = blob.size();
        blob.add32(page).add32(0);
      }
      blob.add16((wide ? 0xa000 : 0x3000) | (rva & 0xfff));
    }
    close(blob, block);
    if (block < 0) {
      blob.add32(0x1000).add32(12).add32(0);
    }
    return blob.bytes();
  }

  private static void close(Blob blob, int block) {
    if (block >= 0) {
      blob.align(4).u32(block + 4, blob.size() - block);
    }
  }
}
