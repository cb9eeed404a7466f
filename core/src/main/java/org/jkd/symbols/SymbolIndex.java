// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.Arrays;
import java.util.List;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.SectionContributions;
import org.jkd.pdb.SymbolColumns;

/**
 * The symbols of a PDB in order of their addresses, as primitive arrays. Addresses in here are
 * those of the image as it was linked.
 */
final class SymbolIndex {
  private static final int X86 = 0x14c;

  private static final long MAX_RVA = 0xffff_ffffL;

  private final Pdb pdb;
  private final boolean x86;
  private final SymbolColumns[] tables;

  /** Address in the high half, place in {@link #table} and {@link #row} in the low half. */
  private final long[] byAddress;

  /** The same, of procedures and thunks with a length. */
  private final long[] procedures;

  /** The same, of blocks that were split off; the low half is a place in the list of the PDB. */
  private final long[] separated;

  private final byte[] table;
  private final int[] row;

  SymbolIndex(Pdb pdb, boolean publicsOnly) {
    this.pdb = pdb;
    this.x86 = pdb.machine() == X86;
    this.tables =
        publicsOnly
            ? new SymbolColumns[] {pdb.publics()}
            : new SymbolColumns[] {pdb.moduleSymbols(), pdb.globals(), pdb.publics()};
    int n = Arrays.stream(tables).mapToInt(SymbolColumns::count).sum();
    this.table = new byte[n];
    this.row = new int[n];
    this.byAddress = new long[n];
    long[] code = new long[n];
    int codeCount = 0;
    int i = 0;
    for (int t = 0; t < tables.length; t++) {
      for (int r = 0; r < tables[t].count(); r++, i++) {
        table[i] = (byte) t;
        row[i] = r;
        byAddress[i] = tables[t].sourceRva(r) << 31 | i;
        if (tables[t].length(r) > 0) {
          code[codeCount++] = byAddress[i];
        }
      }
    }
    Arrays.sort(byAddress);
    this.procedures = Arrays.copyOf(code, codeCount);
    Arrays.sort(procedures);
    List<Pdb.SeparatedCode> parts = publicsOnly ? List.of() : pdb.separatedCode();
    this.separated = new long[parts.size()];
    for (int p = 0; p < separated.length; p++) {
      separated[p] = parts.get(p).sourceRva() << 31 | p;
    }
    Arrays.sort(separated);
  }

  int count() {
    return byAddress.length;
  }

  /** The number of the symbol at a place in the order of addresses. */
  int inOrder(int place) {
    return (int) (byAddress[place] & 0x7fff_ffff);
  }

  private static long address(long entry) {
    return entry >>> 31;
  }

  /** The place of the last entry at or below an address; −1 when there is none. */
  private static int floor(long[] sorted, long rva) {
    if (rva >= MAX_RVA) {
      return sorted.length - 1; // one more would not fit beside the number
    }
    int i = Arrays.binarySearch(sorted, (rva + 1) << 31);
    return i >= 0 ? i - 1 : -i - 2;
  }

  /** The place in the order of addresses of the first symbol above an address. */
  int placeAbove(long rva) {
    return floor(byAddress, rva) + 1;
  }

  /** The first of the best-ranked symbols at the highest address at or below one; −1 for none. */
  int nearest(long rva) {
    int containing = containing(rva);
    if (containing < 0) {
      containing = parentOfSeparated(rva);
    }
    if (containing >= 0) {
      return containing;
    }
    int last = floor(byAddress, rva);
    return last < 0 ? -1 : bestAt(last);
  }

  /**
   * The function of a block that was split off and lies behind it, as in images that were laid out
   * by a profile; −1 if there is none. kd shows such a block with a large displacement.
   */
  private int parentOfSeparated(long rva) {
    int i = floor(separated, rva);
    if (i < 0) {
      return -1;
    }
    Pdb.SeparatedCode part = pdb.separatedCode().get((int) (separated[i] & 0x7fff_ffff));
    if (rva - part.sourceRva() >= part.size() || part.parentSourceRva() >= rva) {
      return -1;
    }
    int procedure = containing(part.parentSourceRva());
    int last = floor(byAddress, part.parentSourceRva());
    return procedure >= 0 || last < 0 ? procedure : bestAt(last);
  }

  private int containing(long rva) {
    int p = floor(procedures, rva);
    if (p < 0) {
      return -1;
    }
    int last = p;
    long start = address(procedures[p]);
    while (p > 0 && address(procedures[p - 1]) == start) {
      p--;
    }
    int symbol = (int) (procedures[p] & 0x7fff_ffff);
    if (p < last) {
      symbol = contributed(p, last, start);
    }
    return rva - start < tables[table[symbol]].length(row[symbol]) ? symbol : -1;
  }

  /**
   * Of several procedures that the linker folded into one, the one whose compiland gave the bytes;
   * the first if none of them did.
   */
  private int contributed(int first, int last, long rva) {
    SectionContributions parts = pdb.contributions();
    int segment = pdb.sections().map(s -> s.segmentOf(rva)).orElse(0);
    long offset = segment == 0 ? 0 : rva - pdb.sections().orElseThrow().rva(segment, 0);
    int part = segment == 0 ? -1 : parts.find(segment, offset);
    for (int p = first; part >= 0 && p <= last; p++) {
      int symbol = (int) (procedures[p] & 0x7fff_ffff);
      if (tables[table[symbol]].module(row[symbol]) == parts.module(part)) {
        return symbol;
      }
    }
    return (int) (procedures[first] & 0x7fff_ffff);
  }

  /** Several symbols share an address: the first table wins, in it the first in file order. */
  private int bestAt(int place) {
    long at = address(byAddress[place]);
    int p = place;
    while (p > 0 && address(byAddress[p - 1]) == at) {
      p--;
    }
    return inOrder(p);
  }

  long sourceRva(int symbol) {
    return tables[table[symbol]].sourceRva(row[symbol]);
  }

  String decorated(int symbol) {
    return pdb.name(tables[table[symbol]], row[symbol]);
  }

  private int kind(int symbol) {
    return tables[table[symbol]].kind(row[symbol]);
  }

  private boolean isPublic(int symbol) {
    return tables[table[symbol]] == pdb.publics();
  }

  private Symbol.Kind symbolKind(int symbol) {
    return isPublic(symbol)
        ? ShownName.publicKind(pdb.publicFlags(tables[table[symbol]], row[symbol]))
        : ShownName.kind(kind(symbol));
  }

  /** The name as people see it. */
  String shown(int symbol) {
    String name = decorated(symbol);
    return ShownName.of(
        name, isPublic(symbol), kind(symbol), x86, () -> publicOfThisName(symbol, name));
  }

  private boolean publicOfThisName(int symbol, String name) {
    long at = sourceRva(symbol);
    for (int p = floor(byAddress, at); p >= 0 && address(byAddress[p]) == at; p--) {
      if (isPublic(inOrder(p)) && decorated(inOrder(p)).equals(name)) {
        return true;
      }
    }
    return false;
  }

  Symbol symbol(int symbol, long imageRva) {
    return new Symbol(
        shown(symbol),
        decorated(symbol),
        imageRva,
        tables[table[symbol]].length(row[symbol]),
        symbolKind(symbol));
  }
}
