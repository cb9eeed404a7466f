// SPDX-License-Identifier: Apache-2.0
package org.jkd.objects;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.image.MemoryReader;
import org.jkd.symbols.Types;

/**
 * One structure at one address. Fields are named by paths: {@code Tcb.Header.Type}; a field may
 * have had several names over the years, so {@link #number(String, String...)} takes some.
 */
public final class Structure {
  /** The longest text that is read, bytes: more than any path the kernel keeps. */
  private static final int MAX_TEXT = 4096;

  private final Structures all;
  private final String type;
  private final long address;

  Structure(Structures all, String type, long address) {
    this.all = all;
    this.type = type;
    this.address = address;
  }

  /** Where it lies. */
  public long address() {
    return address;
  }

  /** The name of its type. */
  public String type() {
    return type;
  }

  /** Bytes. */
  public long size() {
    return all.size(type);
  }

  /** True if this version of the structure has the field. */
  public boolean has(String path) {
    return all.place(type, path).isPresent();
  }

  /** The address of a field; empty if there is no such field. */
  public OptionalLong addressOf(String path) {
    OptionalLong offset = all.offset(type, path);
    return offset.isPresent() ? OptionalLong.of(at(offset.getAsLong())) : OptionalLong.empty();
  }

  /**
   * The address of a field that must be there.
   *
   * @throws MissingTypeException if it is not described
   */
  public long place(String path) {
    return at(all.needed(type, path));
  }

  private long at(long offset) {
    long there = address + offset;
    return all.memory().pointerSize() == 4 ? there & 0xffff_ffffL : there;
  }

  /**
   * A number, a pointer, the bits of a bit field, the first element of an array of those, or the
   * first field of a structure as wide as it is: zero-extended, or sign-extended where the type is
   * signed.
   *
   * @param others further names to try when this version has no field of the first
   * @return empty if there is no such field, or if the dump does not hold it
   */
  public OptionalLong number(String path, String... others) {
    Optional<Structures.Place> place = all.place(type, path);
    for (int i = 0; i < others.length && place.isEmpty(); i++) {
      place = all.place(type, others[i]);
    }
    return place.isPresent()
        ? read(place.get().type(), at(place.get().offset()))
        : OptionalLong.empty();
  }

  private OptionalLong read(Types.Type of, long from) {
    return switch (of) {
      case Types.Base b -> integer(from, b.size(), b.signed());
      case Types.EnumType e -> integer(from, e.size(), false);
      case Types.Pointer p -> integer(from, p.size(), false);
      case Types.Array a -> read(a.element(), from);
      case Types.Bits b -> bits(b, from);
      case Types.StructRef s -> s.size() <= 8 ? integer(from, s.size(), false) : none();
      case Types.FunctionType _, Types.VoidType _ -> none();
    };
  }

  private static OptionalLong none() {
    return OptionalLong.empty();
  }

  private OptionalLong integer(long from, long size, boolean signed) {
    if (size < 1 || size > 8) {
      return none();
    }
    OptionalLong value = all.memory().number(from, (int) size);
    if (!signed || value.isEmpty()) {
      return value;
    }
    int unused = 64 - 8 * (int) size;
    return OptionalLong.of(value.getAsLong() << unused >> unused);
  }

  private OptionalLong bits(Types.Bits bits, long from) {
    OptionalLong whole = integer(from, bits.size(), false);
    if (whole.isEmpty() || bits.length() < 1 || bits.length() > 64) {
      return whole;
    }
    long mask = bits.length() == 64 ? -1 : (1L << bits.length()) - 1;
    return OptionalLong.of(whole.getAsLong() >>> bits.position() & mask);
  }

  /** An element of an array of numbers or pointers. */
  public OptionalLong element(String path, int index) {
    Optional<Structures.Place> place = all.place(type, path);
    return place.isPresent() && place.get().type() instanceof Types.Array a && index < a.count()
        ? read(a.element(), at(place.get().offset() + index * a.element().size()))
        : none();
  }

  /** A structure within this one. */
  public Optional<Structure> inner(String path) {
    return all.place(type, path)
        .filter(p -> p.type() instanceof Types.StructRef)
        .map(p ->
            new Structure(
                all, p.type() instanceof Types.StructRef s ? s.name() : "", at(p.offset())));
  }

  /**
   * The structure that a pointer leads to; empty if the pointer is null or cannot be read, and if
   * its type says nothing of what is there.
   */
  public Optional<Structure> follow(String path) {
    Optional<Structures.Place> place = all.place(type, path);
    OptionalLong to = number(path);
    if (to.isEmpty()
        || to.getAsLong() == 0
        || !(place.orElseThrow().type() instanceof Types.Pointer p)
        || !(p.target() instanceof Types.StructRef s)) {
      return Optional.empty();
    }
    return Optional.of(new Structure(all, s.name(), to.getAsLong()));
  }

  /** The text of a UNICODE_STRING; empty if it has none, or if any byte of it is missing. */
  public String text(String path) {
    OptionalLong place = addressOf(path);
    return place.isPresent() ? unicode(all.memory(), place.getAsLong()) : "";
  }

  /** Characters up to a NUL, as of {@code ImageFileName}. */
  public String characters(String path, int max) {
    OptionalLong place = addressOf(path);
    StringBuilder text = new StringBuilder();
    for (int i = 0; place.isPresent() && i < max; i++) {
      OptionalInt c = all.memory().u8(place.getAsLong() + i);
      if (c.isEmpty() || c.getAsInt() < 0x20) {
        break;
      }
      text.append((char) c.getAsInt());
    }
    return text.toString();
  }

  /** The text of the UNICODE_STRING at an address; empty if any byte of it is missing. */
  public static String unicode(MemoryReader memory, long address) {
    OptionalInt length = memory.u16(address);
    OptionalLong buffer = memory.pointer(address + memory.pointerSize());
    if (length.isEmpty() || buffer.isEmpty() || length.getAsInt() > MAX_TEXT) {
      return "";
    }
    return memory
        .bytes(buffer.getAsLong(), length.getAsInt() & ~1)
        .map(b -> new String(b, StandardCharsets.UTF_16LE))
        .map(Structure::printable)
        .orElse("");
  }

  /** Control characters of damaged names must not reach a terminal. */
  private static String printable(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> clean.appendCodePoint(Character.isISOControl(c) || c > 0xffff ? '?' : c));
    return clean.toString();
  }
}
