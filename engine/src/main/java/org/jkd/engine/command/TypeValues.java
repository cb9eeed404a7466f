// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.render.CFloat;
import org.jkd.engine.render.Hex;
import org.jkd.image.MemoryReader;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.Type;

/** Values of typed memory as {@code dt} shows them; what cannot be read is question marks. */
final class TypeValues {
  /** Characters of a string that are shown. */
  private static final int MAX_STRING = 512;

  /** Characters behind a pointer that are looked at. */
  private static final int MAX_POINTED = 128;

  private final Session session;
  private final MemoryReader memory;

  TypeValues(Session session, MemoryReader memory) {
    this.session = session;
    this.memory = memory;
  }

  /** The value of a type at an address. */
  String text(Type type, long address) {
    return switch (type) {
      case Types.Base b -> number(b, memory.number(address, size(b.size())));
      case Types.Pointer p -> pointer(p, memory.number(address, size(p.size())));
      case Types.Array a -> array(a, address);
      case Types.Bits b -> bits(b, memory.number(address, size(b.size())));
      case Types.StructRef s -> struct(s, address);
      case Types.EnumType e -> enumeration(e, memory.number(address, size(e.size())));
      case Types.FunctionType _, Types.VoidType _ -> TypeText.name(type);
    };
  }

  /** The value that a pointer at an address has. */
  OptionalLong pointer(long address, Types.Pointer type) {
    return memory.number(address, size(type.size()));
  }

  private static int size(long size) {
    return Math.clamp(size, 1, 8);
  }

  /** A number that was read or came out of a register. */
  static String number(Types.Base type, OptionalLong value) {
    String name = type.name();
    boolean isChar = name.endsWith("Char");
    if (value.isEmpty()) {
      return isChar ? "?? ''" : "??";
    }
    long v = value.getAsLong();
    if (name.equals("Float") || name.equals("Double")) {
      return CFloat.general(
          type.size() == 4 ? Float.intBitsToFloat((int) v) : Double.longBitsToDouble(v), 6);
    }
    int unused = 64 - 8 * size(type.size());
    String text =
        type.signed() ? Long.toString(v << unused >> unused) : hex(v << unused >>> unused);
    return isChar ? text + " '" + (v >= 0x20 && v < 0x7f ? (char) v : "") + "'" : text;
  }

  /** {@code 0}, {@code 0x2c}, or more than 32 bits as {@code 0x00000001`00000000}. */
  static String hex(long v) {
    return v == 0 ? "0" : v >>> 32 == 0 ? "0x" + Long.toHexString(v) : "0x" + Hex.accent(v);
  }

  /** A pointer's value with what it points at. */
  String pointer(Types.Pointer type, OptionalLong value) {
    if (value.isEmpty()) {
      return "????";
    }
    long to = session.arch().address(value.getAsLong());
    if (to == 0) {
      return "(null) ";
    }
    String address = Hex.prefixed(session.arch(), to);
    return switch (type.target()) {
      case Types.FunctionType f ->
          (address
                  + " "
                  + (f.result().isPresent() ? TypeText.function(f) : "")
                  + " "
                  + session.names().text(to).map(n -> n.contains("+0x") ? n : n + "+0").orElse(""))
              .stripTrailing();
      case Types.Base b when isText(b) -> address + "  \"" + string(b, to, MAX_POINTED) + "\"";
      case Types.Base b -> address + "  -> " + number(b, memory.number(to, size(b.size())));
      case Types.Pointer p -> address + "  -> " + pointer(p, memory.number(to, size(p.size())));
      case Types.EnumType e ->
          address + "  -> " + enumeration(e, memory.number(to, size(e.size())));
      case Types.Array _, Types.Bits _, Types.StructRef _, Types.VoidType _ ->
          (address + " " + TypeText.name(type.target())).stripTrailing();
    };
  }

  /** True for characters, of which several make a string. */
  boolean isText(Type type) {
    return type instanceof Types.Base b && (b.name().equals("Char") || b.name().equals("Wchar"));
  }

  /** The string in an array of characters, in quotation marks. */
  String quoted(Types.Array type, long address) {
    return type.element() instanceof Types.Base b
        ? '"' + string(b, address, (int) Math.min(MAX_STRING, type.count())) + '"'
        : "";
  }

  /** A pointer as variables show it: the address, with the string if it leads to one. */
  String shortPointer(Types.Pointer type, long value) {
    long to = session.arch().address(value);
    String address = Hex.prefixed(session.arch(), to);
    return to != 0 && type.target() instanceof Types.Base b && isText(b)
        ? address + " \"" + string(b, to, MAX_POINTED) + "\""
        : type.target() instanceof Types.FunctionType && to != 0
            ? address + session.names().text(to).map(n -> " " + n).orElse("")
            : address;
  }

  /** Characters up to a NUL, at most so many, as many as can be read. */
  private String string(Types.Base type, long address, int most) {
    int width = type.size() == 2 ? 2 : 1;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < most; i++) {
      OptionalLong c = memory.number(address + (long) i * width, width);
      if (c.isEmpty()) {
        return i == 0
            ? "--- memory read error at address " + Hex.prefixed(session.arch(), address) + " ---"
            : text.toString();
      }
      if (c.getAsLong() == 0) {
        break;
      }
      char shown = (char) c.getAsLong();
      text.append(shown < 0x20 || shown >= 0x7f && shown < 0xa0 ? '?' : shown);
    }
    return text.toString();
  }

  private String array(Types.Array type, long address) {
    String count = "[" + type.count() + "] ";
    return switch (type.element()) {
      case Types.Base b when isText(b) || b.name().equals("UChar") ->
          count + " \"" + string(b, address, (int) Math.min(MAX_STRING, type.count())) + "\"";
      case Types.Base _,
          Types.Pointer _,
          Types.EnumType _,
          Types.StructRef _,
          Types.Array _,
          Types.Bits _,
          Types.FunctionType _,
          Types.VoidType _ ->
          type.count() == 0
              ? count + TypeText.name(type.element())
              : count + text(type.element(), address);
    };
  }

  private static String bits(Types.Bits type, OptionalLong value) {
    if (value.isEmpty()) {
      return "??";
    }
    long mask = type.length() >= 64 ? -1 : (1L << type.length()) - 1;
    String digits = Long.toBinaryString(value.getAsLong() >>> type.position() & mask);
    return "0y" + "0".repeat(Math.clamp(type.length() - digits.length(), 0, 64)) + digits;
  }

  /** An enumeration's value with its name. */
  static String enumeration(Types.EnumType type, OptionalLong value) {
    if (value.isEmpty()) {
      return "??";
    }
    int unused = 64 - 8 * size(type.size());
    long plain = value.getAsLong();
    long signed = plain << unused >> unused;
    for (Types.EnumValue e : type.values()) {
      if (e.value() == plain || e.value() == signed) {
        return e.value() + " ( " + e.name() + " )";
      }
    }
    return signed + " (No matching name)";
  }

  /** A structure's name, with its contents for the few whose contents are a value. */
  private String struct(Types.StructRef type, long address) {
    int pointer = session.arch().pointerSize();
    String name = type.shown();
    return switch (name) {
      case "_LIST_ENTRY" -> {
        OptionalLong next = memory.pointer(address);
        OptionalLong back = memory.pointer(address + pointer);
        yield next.isEmpty() || back.isEmpty()
            ? name
            : name
                + " [ "
                + Hex.prefixed(session.arch(), next.getAsLong())
                + " - "
                + Hex.prefixed(session.arch(), back.getAsLong())
                + " ]";
      }
      case "_UNICODE_STRING" -> name + " \"" + counted(address, pointer, true) + "\"";
      case "_STRING" -> name + " \"" + counted(address, pointer, false) + "\"";
      case "_LARGE_INTEGER", "_ULARGE_INTEGER" -> {
        OptionalLong v = memory.u64(address);
        yield v.isEmpty()
            ? name
            : name + " 0x" + (v.getAsLong() == 0 ? "0" : hex(v.getAsLong()).substring(2));
      }
      case "_GUID" -> name + memory.bytes(address, 16).map(b -> " " + guid(b)).orElse("");
      default -> name;
    };
  }

  /** A string whose length in bytes stands before its address. */
  private String counted(long address, int pointer, boolean wide) {
    int length = Math.min(MAX_STRING, memory.u16(address).orElse(0));
    OptionalLong buffer = memory.pointer(address + pointer);
    if (length == 0 || buffer.isEmpty()) {
      return "";
    }
    Optional<byte[]> bytes = memory.bytes(buffer.getAsLong(), wide ? length & ~1 : length);
    return bytes
        .map(b ->
            new String(b, wide ? StandardCharsets.UTF_16LE : StandardCharsets.ISO_8859_1)
                .replaceAll("\\p{Cntrl}", "?"))
        .orElse(
            "--- memory read error at address "
                + Hex.prefixed(session.arch(), buffer.getAsLong())
                + " ---");
  }

  private static String guid(byte[] b) {
    StringBuilder text = new StringBuilder("{");
    int[] order = {3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15};
    for (int i : order) {
      text.append(i < 0 ? "-" : Hex.pad(b[i] & 0xff, 2));
    }
    return text.append('}').toString();
  }
}
