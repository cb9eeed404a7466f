// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/** Answers questions by name out of the file's hash tables of global and public symbols. */
final class NamedRecords {
  private static final int X86 = 0x14c;

  /** Bytes of arguments that a decorated name may count. */
  private static final int MAX_ARGUMENT_BYTES = 256;

  /** Bytes before the name in records of publics, variables and references to procedures. */
  private static final int PLACED = 14;

  /** Functions of one name, static ones of many compilands. */
  private static final int MAX_SAME_NAME = 64;

  private final Pdb pdb;
  private @Nullable SymbolHash globals;
  private @Nullable SymbolHash publics;

  NamedRecords(Pdb pdb) {
    this.pdb = pdb;
  }

  private SymbolHash globals() {
    if (globals == null) {
      globals = table(pdb.dbi().globalsStream(), "global", s -> SymbolHash.read(s, 0, s.size()));
    }
    return globals;
  }

  private SymbolHash publics() {
    if (publics == null) {
      publics =
          table(
              pdb.dbi().publicsStream(),
              "public",
              s -> SymbolHash.read(s, Pdb.PUBLICS_HEADER, s.u32(0)));
    }
    return publics;
  }

  private SymbolHash table(int stream, String whose, Function<MsfStream, SymbolHash> reader) {
    return pdb.table(stream, whose + " symbol hash", SymbolHash.NONE, reader);
  }

  /** The kind of a record, 0 when the file does not hold all that is before its name. */
  private static int kind(MsfStream rec, long p, int beforeName) {
    return rec.has(p, beforeName) ? rec.u16(p + 2) : 0;
  }

  private static boolean isNamed(MsfStream rec, long at, String name) {
    return rec.string(at, Pdb.MAX_NAME).equals(name);
  }

  /** The type that a typedef gives another name; empty if there is no such typedef. */
  OptionalInt typedef(String name) {
    int[] found = {-1};
    try {
      MsfStream rec = pdb.records();
      globals()
          .find(
              name,
              p -> {
                if (kind(rec, p, 8) == CodeView.S_UDT && isNamed(rec, p + 8, name)) {
                  found[0] = rec.i32(p + 4);
                }
                return found[0] < 0;
              });
    } catch (FormatException e) {
      return OptionalInt.empty();
    }
    return found[0] < 0 ? OptionalInt.empty() : OptionalInt.of(found[0]);
  }

  /** The variable of a name, of several static ones the first; empty if there is none. */
  Optional<Pdb.Data> data(String name) {
    List<Pdb.Data> found = new ArrayList<>();
    SectionTable table = pdb.sections().orElse(null);
    if (table == null) {
      return Optional.empty();
    }
    try {
      MsfStream rec = pdb.records();
      globals()
          .find(
              name,
              p -> {
                int kind = kind(rec, p, PLACED);
                boolean data = kind == CodeView.S_GDATA32 || kind == CodeView.S_LDATA32;
                if (data && isNamed(rec, p + PLACED, name)) {
                  long rva = table.rva(rec.u16(p + 12), rec.u32(p + 8));
                  if (rva >= 0) {
                    found.add(new Pdb.Data(rec.i32(p + 4), rva));
                  }
                }
                return found.isEmpty();
              });
    } catch (FormatException e) {
      return Optional.empty();
    }
    return found.stream().findFirst();
  }

  /**
   * The starts of procedures and public symbols of a name, as RVAs of the image as it was linked,
   * those of procedures first. On x86 the usual decorations of C names are tried as well.
   */
  List<Long> code(String name) {
    List<Long> result = new ArrayList<>();
    SectionTable table = pdb.sections().orElse(null);
    if (table == null) {
      return result;
    }
    try {
      MsfStream rec = pdb.records();
      List<Long> references = new ArrayList<>();
      globals().find(name, p -> reference(rec, p, name, references));
      // Of several the first one in the order of the compilands counts, as in a list of all.
      Collections.sort(references);
      references.forEach(r -> start(table, r).ifPresent(result::add));
      publicNamed(rec, table, name, result);
      if (pdb.machine() == X86 && result.isEmpty()) {
        publicNamed(rec, table, "_" + name, result);
        for (int bytes = 0; bytes <= MAX_ARGUMENT_BYTES && result.isEmpty(); bytes += 4) {
          publicNamed(rec, table, "_" + name + "@" + bytes, result);
          publicNamed(rec, table, "@" + name + "@" + bytes, result);
        }
      }
    } catch (FormatException e) {
      return result;
    }
    return result;
  }

  /** Adds the compiland (high half) and the place of a procedure that a record refers to. */
  private static boolean reference(MsfStream rec, long p, String name, List<Long> into) {
    int kind = kind(rec, p, PLACED);
    boolean isReference = kind == CodeView.S_PROCREF || kind == CodeView.S_LPROCREF;
    if (isReference && isNamed(rec, p + PLACED, name)) {
      into.add((long) rec.u16(p + 12) - 1 << 32 | rec.u32(p + 8));
    }
    return into.size() < MAX_SAME_NAME;
  }

  private Optional<Long> start(SectionTable table, long reference) {
    int module = (int) (reference >> 32);
    if (module < 0 || module >= pdb.modules().size() || !pdb.modules().get(module).hasSymbols()) {
      return Optional.empty();
    }
    MsfStream s = pdb.moduleStream(module);
    long at = reference & 0xffff_ffffL;
    long rva = s.has(at, 38) ? ModuleSymbolReader.start(s, table, at, s.u16(at + 2)) : -1;
    return rva < 0 ? Optional.empty() : Optional.of(rva);
  }

  private void publicNamed(MsfStream rec, SectionTable table, String name, List<Long> into) {
    publics()
        .find(
            name,
            p -> {
              if (kind(rec, p, PLACED) == CodeView.S_PUB32 && isNamed(rec, p + PLACED, name)) {
                long rva = table.rva(rec.u16(p + 12), rec.u32(p + 8));
                if (rva >= 0) {
                  into.add(rva);
                }
              }
              return into.size() < MAX_SAME_NAME;
            });
  }
}
