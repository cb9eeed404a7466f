// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jkd.image.FormatException;
import org.jkd.symbols.Symbol;
import org.jspecify.annotations.Nullable;

/**
 * Walks {@code .debug_info} and collects functions, variables with an address and inlined calls.
 */
final class InfoReader {
  private static final int MAX_DEPTH = 1 << 10;

  /** How often one entry may refer to another for its name. */
  private static final int MAX_REFERENCES = 8;

  private static final int MAX_UNITS = 1 << 20;

  private final Sections sections;
  private final Consumer<String> log;
  private final List<Unit> units = new ArrayList<>();
  private final List<Found> found = new ArrayList<>();
  private final List<Inlined> inlined = new ArrayList<>();
  private final Map<Long, String> names = new HashMap<>();
  private final Map<Long, Long> references = new HashMap<>();

  /** A function or variable, whose name may be told by an entry that comes later. */
  private record Found(Symbol.Kind kind, long entry, long rva, long size) {}

  /**
   * A function whose code lies in another.
   *
   * @param entry where its name is to be found
   * @param depth inlined functions around it
   * @param callFile a number in the unit's line program
   */
  record Inlined(
      long rva, long size, long entry, int depth, Unit unit, int callFile, int callLine) {
    boolean contains(long address) {
      return address >= rva && address - rva < size;
    }
  }

  /** What is around an entry: the scope of names in it, and how many inlined functions. */
  private record Around(String scope, boolean code, int inlined) {}

  private InfoReader(Sections sections, Consumer<String> log) {
    this.sections = sections;
    this.log = log;
  }

  /** Reads all units; a broken one gives a line, and the next is read. */
  static InfoReader read(Sections sections, Consumer<String> log) {
    InfoReader reader = new InfoReader(sections, log);
    reader.readUnits();
    return reader;
  }

  private void readUnits() {
    long at = 0;
    while (at < sections.info().size()) {
      Unit.Length length;
      try {
        length = Unit.Length.read(new Cursor(sections.info(), at), sections.info());
      } catch (FormatException e) {
        log.accept("the rest of .debug_info is not read: " + e.getMessage());
        return;
      }
      if (length.end() == length.start() || units.size() == MAX_UNITS) {
        return;
      }
      try {
        Unit unit = Unit.read(sections, at, length);
        units.add(unit);
        entries(unit);
      } catch (FormatException e) {
        log.accept("a unit is read in part: " + e.getMessage());
      }
      at = length.end();
    }
  }

  private void entries(Unit unit) {
    Cursor in = new Cursor(sections.info(), unit.firstEntry);
    List<Around> around = new ArrayList<>();
    Around here = new Around("", false, 0);
    Entry entry = new Entry();
    while (in.at() < unit.end) {
      unit.entry(in, entry);
      if (entry.kind == null) {
        if (around.isEmpty()) {
          return;
        }
        here = around.removeLast();
        continue;
      }
      Around inside = entry(unit, entry, here);
      if (entry.kind.children()) {
        if (around.size() == MAX_DEPTH) {
          throw in.broken("more than " + MAX_DEPTH + " levels");
        }
        around.add(here);
        here = inside;
      }
    }
  }

  private Around entry(Unit unit, Entry entry, Around around) {
    return switch (entry.tag()) {
      case Entry.TAG_NAMESPACE, Entry.TAG_CLASS, Entry.TAG_STRUCTURE, Entry.TAG_UNION ->
          new Around(around.scope + scope(unit, entry), around.code, around.inlined);
      case Entry.TAG_SUBPROGRAM -> {
        name(unit, entry, around.scope);
        List<Unit.Range> ranges = unit.ranges(entry);
        for (Unit.Range r : ranges) {
          found.add(new Found(Symbol.Kind.PROCEDURE, entry.offset, r.rva(), r.size()));
        }
        yield new Around("", true, 0);
      }
      case Entry.TAG_INLINED -> {
        long origin = unit.reference(entry, Entry.ABSTRACT_ORIGIN);
        int file = unit.small(entry, Entry.CALL_FILE);
        int line = unit.small(entry, Entry.CALL_LINE);
        for (Unit.Range r : unit.ranges(entry)) {
          inlined.add(new Inlined(r.rva(), r.size(), origin, around.inlined, unit, file, line));
        }
        yield new Around("", true, around.inlined + 1);
      }
      case Entry.TAG_MEMBER -> {
        // Until version 4, a static member is declared as a member.
        if (entry.find(Entry.DECLARATION) >= 0) {
          name(unit, entry, around.scope);
        }
        yield around;
      }
      case Entry.TAG_VARIABLE -> {
        long rva = unit.location(entry);
        if (rva >= 0 || !around.code) {
          name(unit, entry, around.scope);
        }
        if (rva >= 0) {
          found.add(new Found(Symbol.Kind.DATA, entry.offset, rva, 0));
        }
        yield around;
      }
      default -> around;
    };
  }

  private static String scope(Unit unit, Entry entry) {
    String name = unit.text(entry, Entry.NAME);
    if (name != null) {
      return name + "::";
    }
    return entry.tag() == Entry.TAG_NAMESPACE ? "`anonymous namespace'::" : "";
  }

  private void name(Unit unit, Entry entry, String scope) {
    String name = unit.text(entry, Entry.NAME);
    long other = unit.reference(entry, Entry.SPECIFICATION);
    if (other < 0) {
      other = unit.reference(entry, Entry.ABSTRACT_ORIGIN);
    }
    // A definition outside of its class has the name, but the declaration has the scope.
    if (other >= 0) {
      references.put(entry.offset, other);
    } else if (name != null) {
      names.put(entry.offset, scope + name);
    }
  }

  /** The name of an entry, from itself or from those that it refers to; null without one. */
  @Nullable String name(long entry) {
    long at = entry;
    for (int i = 0; i < MAX_REFERENCES; i++) {
      String name = names.get(at);
      Long next = references.get(at);
      if (name != null || next == null) {
        return name;
      }
      at = next;
    }
    return null;
  }

  List<Unit> units() {
    return units;
  }

  List<Inlined> inlined() {
    return inlined;
  }

  /** The functions and variables that have a name, each once. */
  List<Symbol> symbols() {
    List<Symbol> result = new ArrayList<>();
    Set<Symbol> seen = new HashSet<>();
    for (Found f : found) {
      String name = name(f.entry);
      if (name != null) {
        Symbol s = new Symbol(name, name, f.rva, f.size, f.kind);
        if (seen.add(s)) {
          result.add(s);
        }
      }
    }
    return result;
  }
}
