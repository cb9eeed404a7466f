// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;
import org.jkd.engine.expr.RegisterNames;
import org.jkd.engine.render.Hex;
import org.jkd.stack.Frame;
import org.jkd.symbols.LocalVariable;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.Type;

/** The variables of one frame with their places and values. */
final class FrameScope {
  private final Session session;
  private final Frame frame;
  private final int inlined;
  private final Optional<ModuleIdentity> module;
  private final TypeValues values;
  private final CpuContext registers;

  /**
   * @param inlined of how many inlined calls in this frame the scope is left; for the function
   *     itself the number of all
   */
  FrameScope(Session session, Frame frame, int inlined) {
    this.session = session;
    this.frame = frame;
    this.inlined = inlined;
    this.module = session.debuggee().symbols().moduleAt(frame.place());
    // Row 0 stands where the session's registers are, which the walk need not carry all.
    CpuContext own = frame.registers().context();
    this.registers =
        frame.index() == 0 && own.ip() == session.registers().ip() ? session.registers() : own;
    this.values = new TypeValues(session, session.memory());
  }

  /** The module that the frame's code lies in. */
  Optional<ModuleIdentity> module() {
    return module;
  }

  /** The symbols of the module that the frame's code lies in. */
  Optional<ModuleSymbols> symbols() {
    return module.map(m -> session.debuggee().symbols().symbols(m));
  }

  private long rva() {
    return frame.place() - module.map(ModuleIdentity::base).orElse(0L);
  }

  /** The type of the frame's function, if the symbols are private. */
  Optional<Types.FunctionType> function() {
    return symbols().flatMap(s -> s.functionType(rva()));
  }

  /** The variables that are in scope. */
  List<LocalVariable> variables() {
    return symbols().map(s -> s.variables(rva(), inlined)).orElse(List.of());
  }

  /** The value of a register in this frame; empty when the walk does not know it. */
  OptionalLong register(String name) {
    if (name.equals(LocalVariable.VIRTUAL_FRAME)) {
      return frame.slot();
    }
    return RegisterNames.find(session.arch(), name)
        .filter(p -> registers.knows(p.register()))
        .map(p -> OptionalLong.of(p.of(registers)))
        .orElse(OptionalLong.empty());
  }

  /** The address of a variable that lies in memory in one piece. */
  OptionalLong address(LocalVariable v) {
    if (v.places().size() != 1 || v.places().getFirst().part() != LocalVariable.WHOLE) {
      return OptionalLong.empty();
    }
    return switch (v.places().getFirst()) {
      case LocalVariable.InRegister _ -> OptionalLong.empty();
      case LocalVariable.Relative r -> {
        OptionalLong base = register(r.register());
        yield base.isPresent()
            ? OptionalLong.of(session.arch().address(base.getAsLong() + r.offset()))
            : base;
      }
      case LocalVariable.Static s ->
          OptionalLong.of(module.map(ModuleIdentity::base).orElse(0L) + s.rva());
    };
  }

  /** The value of a variable, or that there is none at this place. */
  String value(LocalVariable v) {
    if (v.type() instanceof Types.StructRef || v.type() instanceof Types.Array) {
      OptionalLong at = address(v);
      return v.type() instanceof Types.Array && at.isPresent()
          ? array((Types.Array) v.type(), at.getAsLong())
          : Types.spelled(v.type());
    }
    return scalar(v.type(), number(v));
  }

  /** The bits of a number, pointer or enumeration; empty when not all of them are known. */
  OptionalLong number(LocalVariable v) {
    int size = size(v.type());
    OptionalLong at = address(v);
    if (at.isPresent()) {
      return session.memory().number(at.getAsLong(), size);
    }
    if (v.places().size() == 1 && v.places().getFirst().part() == LocalVariable.WHOLE) {
      return v.places().getFirst() instanceof LocalVariable.InRegister r
          ? register(r.register())
          : OptionalLong.empty();
    }
    return joined(v.places(), size);
  }

  /** A number whose parts are in several places, such as 64 bits in two registers of x86. */
  private OptionalLong joined(List<LocalVariable.Place> places, int size) {
    long value = 0;
    long known = 0;
    for (LocalVariable.Place p : places) {
      int bytes =
          p instanceof LocalVariable.InRegister r
              ? RegisterNames.find(session.arch(), r.register())
                  .map(part -> part.bits() / 8)
                  .orElse(0)
              : gap(places, p.part(), size);
      OptionalLong part =
          switch (p) {
            case LocalVariable.InRegister r -> register(r.register());
            case LocalVariable.Relative r -> {
              OptionalLong base = register(r.register());
              yield base.isPresent()
                  ? session
                      .memory()
                      .number(session.arch().address(base.getAsLong() + r.offset()), bytes)
                  : base;
            }
            case LocalVariable.Static _ -> OptionalLong.empty();
          };
      if (part.isPresent() && p.part() >= 0 && p.part() < size && bytes > 0) {
        value |= part.getAsLong() << 8 * p.part();
        known |= (bytes >= 8 ? -1L : (1L << 8 * bytes) - 1) << 8 * p.part();
      }
    }
    long all = size >= 8 ? -1L : (1L << 8 * size) - 1;
    return (known & all) == all ? OptionalLong.of(value & all) : OptionalLong.empty();
  }

  /** Bytes from one part to the next one, or to the end. */
  private static int gap(List<LocalVariable.Place> places, int part, int size) {
    return places.stream()
            .mapToInt(LocalVariable.Place::part)
            .filter(p -> p > part)
            .min()
            .orElse(size)
        - part;
  }

  private static int size(Type type) {
    return Math.clamp(type.size(), 1, 8);
  }

  private String array(Types.Array type, long at) {
    return Types.spelled(type)
        + (values.isText(type.element()) ? " " + values.quoted(type, at) : "");
  }

  private String scalar(Type type, OptionalLong value) {
    if (value.isEmpty()) {
      return "<value unavailable>";
    }
    return switch (type) {
      case Types.Base b -> TypeValues.number(b, value);
      case Types.Pointer p -> values.shortPointer(p, value.getAsLong());
      case Types.EnumType e -> TypeValues.enumeration(e, value);
      case Types.Bits b -> scalar(b.storage(), value);
      case Types.Array _, Types.StructRef _, Types.FunctionType _, Types.VoidType _ ->
          Hex.prefixed(session.arch(), value.getAsLong());
    };
  }

  /** The parameters as {@code kp} shows them, {@code type name = value}. */
  List<String> parameters() {
    List<String> result = new ArrayList<>();
    for (LocalVariable v : variables()) {
      if (v.parameter()) {
        result.add(Types.spelled(v.type()) + " " + v.name() + " = " + value(v));
      }
    }
    return result;
  }

  /** Where a variable is, for {@code dv /V}: {@code @ebp+0x8}, {@code @ecx}. */
  String place(LocalVariable v) {
    List<String> parts = new ArrayList<>();
    for (LocalVariable.Place p : v.places()) {
      parts.add(
          switch (p) {
            case LocalVariable.InRegister r -> "@" + r.register();
            case LocalVariable.Relative r ->
                "@"
                    + r.register().replace("$", "")
                    + (r.offset() < 0 ? "-0x" : "+0x")
                    + Long.toHexString(Math.abs(r.offset()));
            case LocalVariable.Static s ->
                module.map(ModuleIdentity::name).orElse("") + "+0x" + Long.toHexString(s.rva());
          });
    }
    return String.join(",", parts);
  }

  /** Variables by address, those in registers last. */
  List<LocalVariable> byAddress(List<LocalVariable> variables) {
    return variables.stream()
        .sorted(
            Comparator.comparing((LocalVariable v) -> address(v).isEmpty())
                .thenComparing(v -> address(v).orElse(0), Long::compareUnsigned))
        .toList();
  }
}
