// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.CxxType;
import org.jkd.engine.expr.CxxValue;
import org.jkd.engine.expr.RegisterNames;
import org.jkd.symbols.LocalVariable;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Types;

/** What the names in C++ expressions stand for. */
final class CxxNames {
  private final Session session;
  private final Map<String, CxxType> registerTypes = new HashMap<>();

  CxxNames(Session session) {
    this.session = session;
  }

  /** Keeps the type that {@code r? $t0=…} gave to a pseudo-register. */
  void setType(String register, CxxType type) {
    registerTypes.put(register.toLowerCase(Locale.ROOT), type);
  }

  /** Forgets it: {@code r $t0=…} gives a number. */
  void clearType(String register) {
    registerTypes.remove(register.toLowerCase(Locale.ROOT));
  }

  /** A type by {@code module!name} or a name alone. */
  Optional<CxxType> type(String name) {
    return TypeFinder.look(session, name).map(f -> new CxxType(f.types(), f.type()));
  }

  /** A register, a variable, an enumerator, or any symbol. */
  Optional<CxxValue> value(String name) {
    if (name.startsWith("@")) {
      String plain = name.substring(1);
      return plain.startsWith("$") ? pseudo(plain.toLowerCase(Locale.ROOT)) : register(plain);
    }
    if (name.startsWith("$")) {
      return pseudo(name.toLowerCase(Locale.ROOT));
    }
    Optional<CxxValue> local = local(name);
    if (local.isPresent()) {
      return local;
    }
    Optional<CxxValue> enumerator = enumerator(name);
    if (enumerator.isPresent()) {
      return enumerator;
    }
    OptionalLong address = session.names().address(name);
    if (address.isPresent()) {
      CxxType type =
          TypeFinder.variable(session, name)
              .map(f -> new CxxType(f.types(), f.type()))
              .orElseGet(
                  () -> new CxxType(Types.NONE, new Types.VoidType("<no type information>")));
      return Optional.of(CxxValue.at(type, address.getAsLong()));
    }
    return RegisterNames.find(session.arch(), name).isPresent() ? register(name) : enumerator;
  }

  /** A parameter or variable of the current frame. */
  private Optional<CxxValue> local(String name) {
    if (name.indexOf('!') >= 0 || name.indexOf(':') >= 0 || session.arch() == Arch.ARM64) {
      return Optional.empty();
    }
    FrameScope scope = session.frameScope();
    Types types = scope.symbols().map(ModuleSymbols::types).orElse(Types.NONE);
    for (LocalVariable v : scope.variables()) {
      if (!v.name().equals(name)) {
        continue;
      }
      CxxType type = new CxxType(types, v.type());
      OptionalLong address = scope.address(v);
      if (address.isPresent()) {
        return Optional.of(CxxValue.at(type, address.getAsLong()));
      }
      OptionalLong value = scope.number(v);
      if (value.isPresent()) {
        return Optional.of(CxxValue.of(type, value.getAsLong()));
      }
    }
    return Optional.empty();
  }

  private Optional<CxxValue> register(String name) {
    return RegisterNames.find(session.arch(), name)
        .map(part ->
            CxxValue.of(unsigned(Math.max(1, part.bits() / 8)), part.of(session.registers())));
  }

  private static CxxType unsigned(int bytes) {
    Types.Base type =
        switch (bytes) {
          case 8 -> new Types.Base("Uint8B", 8, false, "unsigned int64");
          case 4 -> new Types.Base("Uint4B", 4, false, "unsigned int");
          case 2 -> new Types.Base("Uint2B", 2, false, "unsigned short");
          default -> new Types.Base("UChar", 1, false, "unsigned char");
        };
    return new CxxType(Types.NONE, type);
  }

  private Optional<CxxValue> pseudo(String name) {
    OptionalLong value = session.pseudoRegister(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    String struct =
        switch (name) {
          case "$proc" -> "nt!_EPROCESS";
          case "$thread" -> "nt!_ETHREAD";
          case "$peb" -> "nt!_PEB";
          case "$teb" -> "nt!_TEB";
          default -> "";
        };
    CxxType type = registerTypes.get(name);
    if (type == null && !struct.isEmpty()) {
      type =
          type(struct)
              .map(t ->
                  new CxxType(t.scope(), new Types.Pointer(session.arch().pointerSize(), t.type())))
              .orElse(null);
    }
    if (type != null && type.type() instanceof Types.StructRef) {
      return Optional.of(CxxValue.at(type, session.arch().address(value.getAsLong())));
    }
    // User pseudo-registers have 64 bits; the others are as wide as pointers.
    int bytes = name.startsWith("$t") ? 8 : session.arch().pointerSize();
    return Optional.of(CxxValue.of(type == null ? unsigned(bytes) : type, value.getAsLong()));
  }

  private Optional<CxxValue> enumerator(String name) {
    int scope = name.lastIndexOf("::");
    if (scope <= 0) {
      return Optional.empty();
    }
    String value = name.substring(scope + 2);
    return type(name.substring(0, scope))
        .flatMap(t ->
            t.type() instanceof Types.EnumType e
                ? e.values().stream()
                    .filter(v -> v.name().equals(value))
                    .findFirst()
                    .map(v -> CxxValue.of(t, v.value()))
                : Optional.empty());
  }
}
