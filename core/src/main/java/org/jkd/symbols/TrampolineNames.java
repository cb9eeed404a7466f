// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.PublicMap;
import org.jkd.pdb.Trampolines;

/**
 * The names of the jumps of incrementally linked images, {@code ILT+5(_main)}: bytes from the first
 * jump, in decimal, and the decorated name of the function. Addresses are those of the image as it
 * was linked, which nobody reorders afterwards.
 */
final class TrampolineNames {
  private final Pdb pdb;
  private final Trampolines jumps;

  TrampolineNames(Pdb pdb) {
    this.pdb = pdb;
    this.jumps = pdb.trampolines();
  }

  Optional<Symbol> at(long rva) {
    return jumps.at(rva).map(this::symbol);
  }

  Optional<Symbol> above(long rva) {
    return jumps.above(rva).map(this::symbol);
  }

  Optional<Symbol> named(String name) {
    return name.startsWith("ILT+") ? matching(name::equals).stream().findFirst() : Optional.empty();
  }

  List<Symbol> matching(Predicate<String> name) {
    List<Symbol> result = new ArrayList<>();
    for (Trampolines.Jump j : jumps.all()) {
      Symbol symbol = symbol(j);
      if (name.test(symbol.name())) {
        result.add(symbol);
      }
    }
    return result;
  }

  private Symbol symbol(Trampolines.Jump jump) {
    String name =
        "ILT+"
            + (jump.start() - jumps.all().getFirst().start())
            + "("
            + target(jump.target())
            + ")";
    return new Symbol(name, name, jump.start(), jump.size(), Symbol.Kind.THUNK);
  }

  private String target(long rva) {
    int segment = pdb.sections().map(s -> s.segmentOf(rva)).orElse(0);
    if (segment != 0) {
      PublicMap publics = pdb.publicMap();
      int i = publics.floor(segment, rva - pdb.sections().orElseThrow().rva(segment, 0));
      if (i >= 0 && publics.rva(i) == rva) {
        return pdb.publicName(publics.record(i));
      }
    }
    return CodeLookup.of(pdb, false)
        .map(l -> l.locate(rva))
        .filter(h -> h.start() == rva)
        .map(h -> h.symbol().name())
        .orElse("");
  }
}
