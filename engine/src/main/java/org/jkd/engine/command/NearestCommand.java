// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import java.util.stream.Collectors;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SourceLine;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.Types;

/** {@code ln Address}: the symbols around an address. */
final class NearestCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    long address = arguments.atEnd() ? session.registers().ip() : arguments.address();
    arguments.end();
    var symbols = session.debuggee().symbols();
    Optional<ModuleIdentity> module = symbols.moduleAt(address);
    Optional<Symbol> below = Optional.empty();
    Optional<Symbol> above = Optional.empty();
    if (module.isPresent()) {
      long rva = address - module.get().base();
      below = symbols.symbols(module.get()).nearest(rva);
      above = symbols.symbols(module.get()).next(rva);
    }
    return new Around(
        session.arch(),
        address,
        module.map(ModuleIdentity::name).orElse(""),
        module.map(ModuleIdentity::base).orElse(0L),
        below.map(s -> new Place(s.rva(), symbols.shown(s))),
        above.map(s -> new Place(s.rva(), symbols.shown(s))),
        new SourceText(session).line(address),
        module.isPresent() && below.map(s -> module.get().base() + s.rva() == address).orElse(false)
            ? symbols.symbols(module.get()).functionType(below.get().rva())
            : Optional.empty());
  }

  /** A symbol as it is shown. */
  record Place(long rva, String name) {}

  /** The symbols at or below and above an address; both may be absent. */
  record Around(
      Arch arch,
      long address,
      String module,
      long base,
      Optional<Place> below,
      Optional<Place> above,
      Optional<SourceLine> line,
      Optional<Types.FunctionType> type)
      implements Result {
    @Override
    public void text(TextOut out) {
      if (line.isPresent()) {
        long into = address - base - line.get().rva();
        out.line(
            line.get().file()
                + "("
                + line.get().line()
                + ")"
                + (into == 0 ? "" : "+0x" + Long.toHexString(into)));
      }
      if (below.isEmpty()) {
        return;
      }
      Place s = below.get();
      long displacement = address - base - s.rva();
      String offset = displacement == 0 ? "" : "+0x" + Long.toHexString(displacement);
      StringBuilder line = new StringBuilder();
      line.append('(').append(Hex.address(arch, base + s.rva())).append(")   ");
      line.append(module).append('!').append(s.name()).append(offset);
      if (above.isPresent()) {
        line.append("   |  (").append(Hex.address(arch, base + above.get().rva())).append(")   ");
        line.append(module).append('!').append(above.get().name());
      }
      out.line(line.toString());
      if (displacement == 0) {
        out.line("Exact matches:");
        out.line(
            "    "
                + module
                + "!"
                + s.name()
                + type.map(Around::parameters).orElse(" = <no type information>"));
      }
    }

    private static String parameters(Types.FunctionType type) {
      String list =
          type.parameters().stream().map(Types::spelled).collect(Collectors.joining(", "));
      return " (" + (list.isEmpty() ? "void" : list) + ")";
    }

    @Override
    public void json(JsonOut out) {
      line.ifPresent(l -> out.text("file", l.file()).number("line", l.line()));
      out.address("address", address).optional("module", module);
      below.ifPresent(s ->
          out.text("symbol", module + "!" + s.name())
              .address("symbolAddress", base + s.rva())
              .number("displacement", address - base - s.rva()));
      above.ifPresent(
          s -> out.text("next", module + "!" + s.name()).address("nextAddress", base + s.rva()));
    }
  }
}
