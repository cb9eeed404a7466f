// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.engine.command.TypeRows.Kind;
import org.jkd.engine.command.TypeRows.Row;
import org.jkd.engine.expr.NamePattern;
import org.jkd.engine.render.Hex;
import org.jkd.image.MemoryReader;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.Field;
import org.jkd.symbols.Types.StructType;
import org.jkd.symbols.Types.Type;

/** Turns a type, and the memory at an address if there is one, into rows. */
final class TypeView {
  private static final int MAX_ROWS = 20_000;
  private static final int MAX_LIST = 10_000;

  /** Elements of an array that {@code -a} shows. */
  private static final int MAX_ELEMENTS = 4096;

  private final Session session;
  private final String module;
  private final Types types;
  private final Options options;
  private final TypeValues values;
  private final List<Row> rows = new ArrayList<>();

  /**
   * What was asked for.
   *
   * @param levels how deep structures within structures are shown
   * @param pointers true to follow pointers to structures as well
   * @param elements how many elements of an array are shown, 0 for one row
   * @param offsets false to leave the offsets out
   */
  record Options(
      int levels,
      boolean pointers,
      boolean verbose,
      int elements,
      boolean offsets,
      boolean compact) {}

  /**
   * A field that was asked for.
   *
   * @param path names with dots between them; the last one may be empty or a pattern
   * @param prefix true if names need match at their beginning only
   */
  record Wanted(String path, boolean prefix) {}

  /** A view of types whose module is not known: static members are looked for in all modules. */
  TypeView(Session session, Types types, Options options, MemoryReader memory) {
    this(session, "", types, options, memory);
  }

  /**
   * @param module the debugger's name of the module that has the types
   */
  TypeView(Session session, String module, Types types, Options options, MemoryReader memory) {
    this.module = module;
    this.session = session;
    this.types = types;
    this.options = options;
    this.values = new TypeValues(session, memory);
  }

  /** The rows of a structure, or of a part of it. */
  TypeRows show(String name, Type type, List<Wanted> wanted, OptionalLong address) {
    add(type, wanted, address);
    return result(name, type);
  }

  /** The rows of a variable; of a pointer to a structure its value and what it points to. */
  TypeRows variable(TypeFinder.Found found, List<Wanted> wanted) {
    if (found.type() instanceof Types.Pointer p && struct(p.target()).isPresent()) {
      OptionalLong to = values.pointer(found.address().orElse(0), p);
      rows.add(
          Row.line(to.isPresent() ? Hex.prefixed(session.arch(), to.getAsLong()) : "????????"));
      if (to.isPresent() && to.getAsLong() != 0) {
        add(p.target(), wanted, to);
      }
    } else {
      add(found.type(), wanted, found.address());
    }
    return result(found.name(), found.type());
  }

  private TypeRows result(String name, Type type) {
    return new TypeRows(name, type.size(), options.compact(), List.copyOf(rows));
  }

  /** Adds a type's rows; false if none of the wanted fields is there. */
  private boolean add(Type type, List<Wanted> wanted, OptionalLong address) {
    Optional<StructType> struct = struct(type);
    if (struct.isEmpty()) {
      simple(type, address);
      return true;
    }
    if (options.verbose() && type instanceof Types.StructRef ref) {
      rows.add(Row.line(TypeText.heading(ref, struct.get())));
    }
    int before = rows.size();
    if (wanted.isEmpty()) {
      fields(struct.get(), 0, address);
    }
    for (Wanted w : wanted) {
      path(struct.get(), w.path(), w.prefix(), 0, address);
    }
    return rows.size() > before;
  }

  /** An enumeration's values, or a basic type with its value. */
  private void simple(Type type, OptionalLong address) {
    if (address.isPresent()) {
      rows.add(Row.line(values.text(type, address.getAsLong())));
    } else if (type instanceof Types.EnumType e) {
      for (Types.EnumValue v : e.values()) {
        rows.add(new Row(0, Kind.VALUE, v.name(), v.value(), Long.toString(v.value()), true));
      }
    } else {
      rows.add(Row.line(text(type)));
    }
  }

  private Optional<StructType> struct(Type type) {
    return type instanceof Types.StructRef ref ? types.struct(ref.name()) : Optional.empty();
  }

  private String prefix() {
    return module.isEmpty() ? "" : module + "!";
  }

  private boolean full() {
    if (rows.size() < MAX_ROWS) {
      return false;
    }
    if (rows.getLast().kind() != Kind.LINE) {
      rows.add(Row.line("   ... more than " + MAX_ROWS + " rows; ask for fewer levels"));
    }
    return true;
  }

  private void fields(StructType struct, int depth, OptionalLong address) {
    for (Field field : struct.fields()) {
      if (full()) {
        return;
      }
      field(field, depth, address);
    }
    statics(struct, depth);
  }

  private void statics(StructType struct, int depth) {
    for (Types.StaticField s : struct.statics()) {
      OptionalLong place = session.names().address(prefix() + s.owner() + "::" + s.name());
      rows.add(
          new Row(
              depth,
              Kind.STATIC,
              s.name(),
              place.orElse(0),
              text(s.type(), place),
              place.isEmpty() || !options.offsets()));
    }
  }

  /**
   * A field, and below it the fields of its structure as deep as was asked for.
   *
   * @param address of the structure that has the field
   */
  private void field(Field field, int depth, OptionalLong address) {
    OptionalLong at = plus(address, field.offset());
    Type type = field.type();
    boolean each = options.elements() > 0 && type instanceof Types.Array a && a.count() > 0;
    String shown = each ? "[" + ((Types.Array) type).count() + "] " : text(type, at);
    rows.add(row(depth, field, shown));
    if (each) {
      elements((Types.Array) type, depth, at);
    } else {
      inner(type, depth, at);
    }
  }

  private Row row(int depth, Field field, String text) {
    return new Row(depth, Kind.FIELD, field.name(), field.offset(), text, !options.offsets());
  }

  private void elements(Types.Array array, int depth, OptionalLong at) {
    long count = Math.min(array.count(), Math.min(options.elements(), MAX_ELEMENTS));
    for (long i = 0; i < count && !full(); i++) {
      OptionalLong element = plus(at, i * array.element().size());
      rows.add(new Row(depth, Kind.ELEMENT, "", i, text(array.element(), element), true));
      inner(array.element(), depth, element);
    }
  }

  /** What a field's type consists of. */
  private void inner(Type type, int depth, OptionalLong at) {
    if (depth >= options.levels()) {
      return;
    }
    Type element = type;
    while (element instanceof Types.Array a && a.count() > 0) {
      element = a.element();
    }
    if (element instanceof Types.Pointer p) {
      OptionalLong to = at.isPresent() ? values.pointer(at.getAsLong(), p) : at;
      boolean somewhere = at.isEmpty() || to.isPresent() && to.getAsLong() != 0;
      if (options.pointers() && somewhere) {
        struct(p.target()).ifPresent(s -> fields(s, depth + 1, to));
      }
      return;
    }
    struct(element).ifPresent(s -> fields(s, depth + 1, at));
  }

  /** Follows {@code A.B}; a row for each step. */
  private void path(
      StructType struct, String path, boolean prefix, int depth, OptionalLong address) {
    int dot = path.indexOf('.');
    String first = dot < 0 ? path : path.substring(0, dot);
    int bracket = first.endsWith("]") ? first.indexOf('[') : -1;
    String name = bracket > 0 ? first.substring(0, bracket) : first;
    NamePattern pattern = new NamePattern(name.isEmpty() ? "*" : name);
    for (Field field : struct.fields()) {
      boolean same =
          prefix
              ? field.name().toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT))
              : pattern.matches(field.name());
      if (!same || full()) {
        continue;
      }
      OptionalLong at = plus(address, field.offset());
      Type type = field.type();
      if (bracket > 0 && type instanceof Types.Array a) {
        OptionalLong index = number(first.substring(bracket + 1, first.length() - 1));
        if (index.isEmpty() || index.getAsLong() < 0 || index.getAsLong() >= a.count()) {
          continue;
        }
        at = plus(at, index.getAsLong() * a.element().size());
        type = a.element();
        rows.add(row(depth, field, "[" + a.count() + "] "));
        rows.add(
            new Row(
                depth, Kind.ELEMENT, "", index.getAsLong(), dot < 0 ? text(type, at) : "", true));
      } else if (dot < 0) {
        field(field, depth, address);
        continue;
      }
      if (dot < 0) {
        inner(type, depth, at);
        continue;
      }
      if (bracket <= 0) {
        rows.add(row(depth, field, ""));
      }
      step(type, path.substring(dot + 1), prefix, depth, at);
    }
  }

  private void step(Type type, String rest, boolean prefix, int depth, OptionalLong at) {
    int before = rows.size();
    Optional<StructType> inner = struct(type);
    OptionalLong to = at;
    if (type instanceof Types.Pointer p) {
      inner = struct(p.target());
      to = at.isPresent() ? values.pointer(at.getAsLong(), p) : at;
    }
    if (inner.isPresent()) {
      path(inner.get(), rest, prefix, depth + 1, to);
    }
    if (rows.size() == before) {
      // Nothing below fits, so the row of this step leads nowhere.
      rows.removeLast();
    }
  }

  private static OptionalLong number(String decimal) {
    try {
      return OptionalLong.of(Long.decode(decimal));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private OptionalLong plus(OptionalLong address, long offset) {
    return address.isPresent()
        ? OptionalLong.of(session.arch().address(address.getAsLong() + offset))
        : address;
  }

  private String text(Type type, OptionalLong address) {
    return address.isPresent() ? values.text(type, address.getAsLong()) : text(type);
  }

  private String text(Type type) {
    return options.verbose()
        ? TypeText.verbose(
            type,
            name ->
                types.struct(name).orElseGet(() -> new StructType(name, "struct", 0, List.of())))
        : TypeText.name(type);
  }

  /**
   * The structures of a list.
   *
   * @param link the field that leads on: a pointer to the next structure, or {@code Flink} or
   *     {@code Blink} of a list entry inside it
   */
  TypeRows list(String name, Types.StructRef ref, List<Wanted> wanted, long start, String link) {
    ListLink step = ListLink.of(types, ref, link);
    Set<Long> seen = new HashSet<>();
    long at = start;
    while (at != 0 && seen.add(at) && !full()) {
      if (seen.size() > MAX_LIST) {
        rows.add(Row.line("   ... more than " + MAX_LIST + " entries"));
        break;
      }
      rows.add(Row.line(link + " at " + Hex.prefixed(session.arch(), at)));
      rows.add(Row.line("---------------------------------------------"));
      add(ref, wanted, OptionalLong.of(at));
      rows.add(Row.line(""));
      OptionalLong next =
          values.pointer(session.arch().address(at + step.offset()), step.pointer());
      if (next.isEmpty()) {
        rows.add(
            Row.line(
                "   The list cannot be followed: memory at "
                    + Hex.prefixed(session.arch(), at + step.offset())
                    + " is not readable"));
        break;
      }
      at = next.getAsLong() == 0 ? 0 : session.arch().address(next.getAsLong() - step.back());
    }
    return result(name, ref);
  }
}
