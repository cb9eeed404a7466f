// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.Optional;
import org.jkd.image.FormatException;
import org.jkd.pdb.CodeView;
import org.jkd.pdb.Compiland;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.PublicMap;
import org.jkd.pdb.SectionContributions;
import org.jkd.pdb.SectionTable;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions about addresses of code without an index of the file: the linker's list of
 * contributions leads to the compiland, and only that one is read; public symbols are found in the
 * file's own table. What this does not decide (data, files whose tables are not in order) is left
 * to {@link SymbolIndex}. Addresses are those of the image as it was linked.
 */
final class CodeLookup {
  /** Contributions without symbols that are passed on the way to the next one that has some. */
  private static final int MAX_STEPS = 256;

  private static final int X86 = 0x14c;

  private final Pdb pdb;
  private final boolean publicsOnly;
  private final boolean x86;
  private final SectionTable sections;
  private final SectionContributions parts;

  /** A symbol and where it starts. */
  record Hit(Symbol symbol, long start) {}

  private CodeLookup(Pdb pdb, boolean publicsOnly, SectionTable sections) {
    this.pdb = pdb;
    this.publicsOnly = publicsOnly;
    this.x86 = pdb.machine() == X86;
    this.sections = sections;
    this.parts = pdb.contributions();
  }

  /** Nothing when the file's tables do not allow it. */
  static Optional<CodeLookup> of(Pdb pdb, boolean publicsOnly) {
    return pdb.sections()
        .map(s -> new CodeLookup(pdb, publicsOnly, s))
        .filter(l -> l.parts.count() > 0 && l.parts.ascending());
  }

  /** The symbol at or nearest below an address of code; null when this cannot decide it. */
  @Nullable Hit locate(long rva) {
    try {
      return locate(rva, true);
    } catch (FormatException e) {
      return null;
    }
  }

  private @Nullable Hit locate(long rva, boolean follow) {
    int segment = sections.segmentOf(rva);
    long offset = segment == 0 ? 0 : rva - sections.rva(segment, 0);
    int part = segment == 0 ? -1 : parts.floor(segment, offset);
    if (part < 0 || parts.segment(part) != segment || !parts.isCode(part)) {
      return null;
    }
    Optional<Compiland> compiland = compiland(part);
    if (compiland.isPresent()) {
      Optional<Compiland.Code> code = compiland.get().codeAt(rva);
      if (code.isPresent()) {
        return hit(compiland.get(), code.get());
      }
      long parent = compiland.get().separatedFrom(rva);
      if (parent >= 0) {
        return follow ? locate(parent, false) : null;
      }
    }
    return nearest(rva, segment, offset, part);
  }

  private Optional<Compiland> compiland(int part) {
    return publicsOnly ? Optional.empty() : pdb.compiland(parts.module(part));
  }

  /** Between two functions, or in code without private symbols. */
  private @Nullable Hit nearest(long rva, int segment, long offset, int part) {
    PublicMap publics = pdb.publicMap();
    int best = publics.floor(segment, offset);
    long bestRva = best < 0 ? -1 : publics.rva(best);
    Hit found = null;
    int steps = 0;
    for (int i = part; i >= 0; i--) {
      if (steps++ > MAX_STEPS || parts.segment(i) != segment || !parts.isCode(i)) {
        return null;
      }
      Compiland compiland = compiland(i).orElse(null);
      Compiland.Code floor = compiland == null ? null : compiland.floor(rva).orElse(null);
      if (compiland != null
          && floor != null
          && floor.start() >= bestRva
          && (found == null || floor.start() > found.start())) {
        found = hit(compiland, floor);
      }
      long reached = found == null ? bestRva : Math.max(found.start(), bestRva);
      if (reached >= 0 && sections.rva(segment, parts.offset(i)) <= reached) {
        break;
      }
    }
    if (found != null && found.start() >= bestRva) {
      return found;
    }
    return best < 0 ? null : publicHit(best, bestRva);
  }

  /** The start of the first symbol above an address; −1 when this cannot decide it. */
  long above(long rva) {
    try {
      int segment = sections.segmentOf(rva);
      long offset = segment == 0 ? 0 : rva - sections.rva(segment, 0);
      int part = segment == 0 ? -1 : parts.floor(segment, offset);
      if (part < 0) {
        return -1;
      }
      long best = pdb.publicMap().above(segment, offset);
      for (int i = part; i < parts.count() && i - part < MAX_STEPS; i++) {
        boolean beyond =
            parts.segment(i) != segment
                || best >= 0 && sections.rva(segment, parts.offset(i)) >= best;
        if (beyond && i > part) {
          return parts.segment(i) == segment ? best : -1;
        }
        if (!parts.isCode(i)) {
          return -1;
        }
        Compiland compiland = compiland(i).orElse(null);
        long next = compiland == null ? -1 : compiland.above(rva);
        best = next >= 0 && (best < 0 || next < best) ? next : best;
      }
      return -1;
    } catch (FormatException e) {
      return -1;
    }
  }

  private Hit hit(Compiland compiland, Compiland.Code code) {
    String name = compiland.name(code);
    String shown = ShownName.of(name, false, code.kind(), x86, () -> publicHas(name, code.start()));
    return new Hit(
        new Symbol(shown, name, code.start(), code.length(), ShownName.kind(code.kind())),
        code.start());
  }

  private boolean publicHas(String name, long rva) {
    int segment = sections.segmentOf(rva);
    PublicMap publics = pdb.publicMap();
    int i = segment == 0 ? -1 : publics.floor(segment, rva - sections.rva(segment, 0));
    for (; i >= 0 && i < publics.count(); i++) {
      long at = publics.rva(i);
      if (at == rva && pdb.publicName(publics.record(i)).equals(name)) {
        return true;
      }
      if (at >= 0 && at != rva) {
        return false;
      }
    }
    return false;
  }

  private Hit publicHit(int index, long rva) {
    long record = pdb.publicMap().record(index);
    String name = pdb.publicName(record);
    return new Hit(
        new Symbol(
            ShownName.of(name, true, CodeView.S_PUB32, x86, () -> true),
            name,
            rva,
            0,
            ShownName.publicKind(pdb.publicFlags(record))),
        rva);
  }
}
