// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.render.CFloat;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.image.MemoryReader;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.Field;
import org.jkd.symbols.Types.StructType;
import org.jkd.symbols.Types.Type;

/** Turns a structure and the memory at an address into rows. */
final class TypeView {
  private static final int MAX_ROWS = 20_000;
  private static final int MAX_STRING = 512;

  private final Session session;
  private final Types types;
  private final Options options;

  /**
   * What was asked for.
   *
   * @param levels how deep structures within structures are shown
   * @param prefix true if field names need match at their beginning only
   */
  record Options(int levels, boolean verbose, boolean prefix) {}

  /**
   * A field.
   *
   * @param depth 0 for the structure's own fields
   * @param text the type, or the value
   */
  record Row(int depth, String name, long offset, String text) {}

  TypeView(Session session, Types types, Options options) {
    this.session = session;
    this.types = types;
    this.options = options;
  }

  Shown show(String module, StructType struct, List<String> wanted, OptionalLong address) {
    List<Row> rows = new ArrayList<>();
    if (wanted.isEmpty()) {
      rows(struct, 0, 0, address, rows);
    } else {
      for (String path : wanted) {
        path(struct, path, 0, address, rows);
      }
    }
    return new Shown(
        module + "!" + struct.name(),
        struct.keyword(),
        struct.size(),
        struct.fields().size(),
        options.verbose(),
        rows);
  }

  private void rows(
      StructType struct, long offset, int depth, OptionalLong address, List<Row> rows) {
    for (Field field : struct.fields()) {
      if (rows.size() >= MAX_ROWS) {
        return;
      }
      row(field, offset, depth, address, rows);
    }
  }

  /** A field, and below it the fields of its structure as deep as was asked for. */
  private void row(Field field, long offset, int depth, OptionalLong address, List<Row> rows) {
    long at = offset + field.offset();
    rows.add(
        new Row(depth, field.name(), depth == 0 ? at : field.offset(), text(field, at, address)));
    if (depth < options.levels() && field.type() instanceof Types.StructRef ref) {
      types.struct(ref.name()).ifPresent(s -> rows(s, at, depth + 1, address, rows));
    }
  }

  /** Follows {@code A.B}; a trailing dot shows the fields of the last part. */
  private void path(
      StructType struct, String path, long offset, OptionalLong address, List<Row> rows) {
    int dot = path.indexOf('.');
    String first = dot < 0 ? path : path.substring(0, dot);
    for (Field field : struct.fields()) {
      boolean same = options.prefix() ? field.name().startsWith(first) : field.name().equals(first);
      if (!same) {
        continue;
      }
      Optional<StructType> inner =
          field.type() instanceof Types.StructRef ref ? types.struct(ref.name()) : Optional.empty();
      if (dot < 0 || inner.isEmpty()) {
        row(field, offset, 0, address, rows);
      } else if (dot == path.length() - 1) {
        rows.add(
            new Row(
                0,
                field.name(),
                offset + field.offset(),
                text(field, offset + field.offset(), address)));
        rows(inner.get(), offset + field.offset(), 1, address, rows);
      } else {
        path(inner.get(), path.substring(dot + 1), offset + field.offset(), address, rows);
      }
    }
  }

  private String text(Field field, long offset, OptionalLong address) {
    return address.isEmpty()
        ? name(field.type())
        : value(field.type(), session.arch().address(address.getAsLong() + offset));
  }

  /** A type as {@code dt} names it. */
  private static String name(Type type) {
    return switch (type) {
      case Types.Base b -> b.name();
      case Types.Pointer p -> "Ptr" + p.size() * 8 + " " + name(p.target());
      case Types.Array a -> "[" + a.count() + "] " + name(a.element());
      case Types.Bits b ->
          "Pos " + b.position() + ", " + b.length() + (b.length() == 1 ? " Bit" : " Bits");
      case Types.StructRef s -> s.name();
      case Types.EnumType e -> e.name();
      case Types.FunctionType _ -> "    ";
      case Types.VoidType v -> v.name().isEmpty() ? "Void" : v.name();
    };
  }

  private String value(Type type, long address) {
    MemoryReader memory = session.memory();
    return switch (type) {
      case Types.Base b -> number(b, memory.number(address, size(b.size())));
      case Types.Pointer p -> pointer(p, memory.number(address, size(p.size())));
      case Types.Array a -> "[" + a.count() + "] " + first(a.element(), address);
      case Types.Bits b -> bits(b, memory.number(address, size(b.size())));
      case Types.StructRef s -> struct(s, address);
      case Types.EnumType e -> enumeration(e, memory.number(address, size(e.size())));
      case Types.FunctionType _, Types.VoidType _ -> name(type);
    };
  }

  private static int size(long size) {
    return (int) Math.max(1, Math.min(8, size));
  }

  private String first(Type element, long address) {
    return switch (element) {
      case Types.Base _, Types.Pointer _, Types.EnumType _ -> value(element, address);
      case Types.Array _, Types.Bits _, Types.StructRef _, Types.FunctionType _, Types.VoidType _ ->
          name(element);
    };
  }

  private static String number(Types.Base type, OptionalLong value) {
    if (value.isEmpty()) {
      return "??";
    }
    long v = value.getAsLong();
    String name = type.name();
    if (name.startsWith("Float") || name.equals("Double")) {
      return CFloat.general(
          type.size() == 4 ? Float.intBitsToFloat((int) v) : Double.longBitsToDouble(v), 6);
    }
    int unused = 64 - 8 * size(type.size());
    String text = type.signed() ? Long.toString(v << unused >> unused) : "0x" + Long.toHexString(v);
    boolean isChar = name.endsWith("Char");
    return isChar ? (text + " '" + (v >= 0x20 && v < 0x7f ? (char) v : "") + "'") : text;
  }

  private String pointer(Types.Pointer type, OptionalLong value) {
    if (value.isEmpty()) {
      return "????";
    }
    if (value.getAsLong() == 0) {
      return "(null) ";
    }
    String address = Hex.prefixed(session.arch(), value.getAsLong());
    return type.target() instanceof Types.FunctionType
        ? address + "     " + session.names().text(value.getAsLong()).orElse("")
        : address + " " + name(type.target());
  }

  private static String bits(Types.Bits type, OptionalLong value) {
    if (value.isEmpty()) {
      return "??";
    }
    long mask = type.length() >= 64 ? -1 : (1L << type.length()) - 1;
    String digits = Long.toBinaryString(value.getAsLong() >>> type.position() & mask);
    return "0y" + "0".repeat(Math.max(0, type.length() - digits.length())) + digits;
  }

  private static String enumeration(Types.EnumType type, OptionalLong value) {
    if (value.isEmpty()) {
      return "??";
    }
    for (Types.EnumValue e : type.values()) {
      if (e.value() == value.getAsLong()) {
        return value.getAsLong() + " ( " + e.name() + " )";
      }
    }
    return value.getAsLong() + " (No matching name)";
  }

  private String struct(Types.StructRef type, long address) {
    MemoryReader memory = session.memory();
    int pointer = session.arch().pointerSize();
    if (type.name().equals("_LIST_ENTRY")) {
      OptionalLong next = memory.pointer(address);
      OptionalLong back = memory.pointer(address + pointer);
      if (next.isPresent() && back.isPresent()) {
        return "_LIST_ENTRY [ "
            + Hex.prefixed(session.arch(), next.getAsLong())
            + " - "
            + Hex.prefixed(session.arch(), back.getAsLong())
            + " ]";
      }
    }
    if (type.name().equals("_UNICODE_STRING")) {
      return "_UNICODE_STRING \"" + unicode(memory, address, pointer) + "\"";
    }
    return type.name();
  }

  private static String unicode(MemoryReader memory, long address, int pointer) {
    int length = Math.min(MAX_STRING, memory.u16(address).orElse(0)) & ~1;
    OptionalLong buffer = memory.pointer(address + pointer);
    if (length == 0 || buffer.isEmpty()) {
      return "";
    }
    return memory
        .bytes(buffer.getAsLong(), length)
        .map(b -> new String(b, StandardCharsets.UTF_16LE))
        .orElse("--- memory read error ---");
  }

  /** A structure with its rows. */
  record Shown(
      String name, String keyword, long size, int elements, boolean verbose, List<Row> rows)
      implements Result {
    @Override
    public void text(TextOut out) {
      if (verbose) {
        String plain = name.substring(name.indexOf('!') + 1);
        out.line(
            keyword
                + " "
                + plain
                + ", "
                + elements
                + " elements, 0x"
                + Long.toHexString(size)
                + " bytes");
      }
      for (Row row : rows) {
        out.line(
            "   ".repeat(row.depth + 1)
                + "+0x"
                + Hex.pad(row.offset, Math.max(3, Long.toHexString(row.offset).length()))
                + " "
                + Text.left(row.name, 16)
                + " : "
                + row.text);
      }
    }

    @Override
    public void json(JsonOut out) {
      out.text("type", name).number("size", size);
      out.objects(
          "fields",
          rows,
          (o, r) ->
              o.number("depth", r.depth)
                  .text("name", r.name)
                  .number("offset", r.offset)
                  .text("text", r.text));
    }
  }
}
