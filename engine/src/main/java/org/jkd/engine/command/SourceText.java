// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.symbols.InlineFrame;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.SourceLine;

/** Source lines and inlined calls of addresses in any module. */
final class SourceText {
  private final Session session;

  SourceText(Session session) {
    this.session = session;
  }

  /** The symbols of a module and an address in it. */
  private record At(ModuleIdentity module, ModuleSymbols symbols, long rva) {}

  private Optional<At> at(long address) {
    var set = session.debuggee().symbols();
    return set.moduleAt(address).map(m -> new At(m, set.symbols(m), address - m.base()));
  }

  /** The line of an address, if lines are on. */
  Optional<SourceLine> line(long address) {
    return session.lines() ? at(address).flatMap(a -> a.symbols.line(a.rva)) : Optional.empty();
  }

  /** {@code [file @ line]} with a blank in front, or nothing. */
  static String note(Optional<SourceLine> line) {
    return line.map(l -> " [" + l.text() + "]").orElse("");
  }

  /**
   * An inlined call with its name.
   *
   * @param function {@code module!name}
   * @param displacement bytes from where its code begins
   */
  record Inlined(String module, String function, long displacement, Optional<SourceLine> line) {
    String text() {
      return displacement == 0 ? function : function + "+0x" + Long.toHexString(displacement);
    }
  }

  /**
   * Functions that were inlined at an address, the innermost first.
   *
   * @param address inside the instruction
   * @param shown the address whose distance is shown: that of the next instruction
   */
  List<Inlined> inlined(long address, long shown) {
    List<Inlined> result = new ArrayList<>();
    Optional<At> at = at(address);
    if (at.isPresent()) {
      for (InlineFrame f : at.get().symbols.inlined(at.get().rva)) {
        String module = at.get().module.name();
        result.add(
            new Inlined(
                module,
                module + "!" + f.name(),
                shown - at.get().module.base() - f.rva(),
                session.lines() ? f.line() : Optional.empty()));
      }
    }
    return result;
  }
}
