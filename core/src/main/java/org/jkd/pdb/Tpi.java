// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/**
 * The type stream, or the stream of identifiers, which has the same form: records by index. Indices
 * below 0x1000 are basic types and have no record.
 *
 * <p>Opening reads the header. A record is found through the stream's own table of places, a name
 * through its hash values, so that a large file costs no more than what is asked of it.
 */
public final class Tpi {
  /** No types. */
  public static final Tpi NONE = new Tpi(null, null);

  /** Bytes in front of the records since Visual C++ 7. */
  private static final int HEADER = 56;

  private static final int MAX_NAME = 4096;
  private static final int MAX_FIELDS = 1 << 16;
  private static final int MAX_CONTINUATIONS = 256;

  private static final int LF_VTSHAPE = 0x000a;
  private static final int LF_MODIFIER = 0x1001;
  private static final int LF_POINTER = 0x1002;
  private static final int LF_PROCEDURE = 0x1008;
  private static final int LF_MFUNCTION = 0x1009;
  private static final int LF_ARGLIST = 0x1201;
  private static final int LF_BITFIELD = 0x1205;
  private static final int LF_FIELDLIST = 0x1203;
  private static final int LF_BCLASS = 0x1400;
  private static final int LF_VBCLASS = 0x1401;
  private static final int LF_IVBCLASS = 0x1402;
  private static final int LF_INDEX = 0x1404;
  private static final int LF_VFUNCTAB = 0x1409;
  private static final int LF_ENUMERATE = 0x1502;
  private static final int LF_ARRAY = 0x1503;
  private static final int LF_CLASS = 0x1504;
  private static final int LF_STRUCTURE = 0x1505;
  private static final int LF_UNION = 0x1506;
  private static final int LF_ENUM = 0x1507;
  private static final int LF_MEMBER = 0x150d;
  private static final int LF_STMEMBER = 0x150e;
  private static final int LF_METHOD = 0x150f;
  private static final int LF_NESTTYPE = 0x1510;
  private static final int LF_ONEMETHOD = 0x1511;
  private static final int LF_INTERFACE = 0x1519;
  private static final int LF_FUNC_ID = 0x1601;
  private static final int LF_MFUNC_ID = 0x1602;
  private static final int LF_STRING_ID = 0x1605;

  private final @Nullable MsfStream stream;
  private final int begin;
  private final int end;
  private final @Nullable TypePlaces places;
  private final TypeNames names;

  private Tpi(@Nullable Msf msf, @Nullable MsfStream stream) {
    this.stream = stream;
    if (stream == null || msf == null) {
      begin = 0x1000;
      end = 0x1000;
      places = null;
      names = new TypeNames(this, null, 0, 0, 0, 0);
      return;
    }
    long from = stream.u32(8);
    long to = stream.u32(12);
    // Every record has at least four bytes, so a count beyond that is not believed.
    if (from < 0x1000 || to < from || to - from > stream.size() / 4 || to > Integer.MAX_VALUE) {
      throw new FormatException(
          "PDB type stream",
          8,
          "type indices from 0x" + Long.toHexString(from) + " to 0x" + Long.toHexString(to));
    }
    this.begin = (int) from;
    this.end = (int) to;
    long first = stream.u32(4);
    int hashStream = stream.u16(20);
    MsfStream hash =
        first >= HEADER && msf.has(hashStream) ? msf.stream(hashStream, "type hashes") : null;
    this.places =
        new TypePlaces(
            stream,
            first,
            Math.min(stream.size(), first + stream.u32(16)),
            begin,
            end - begin,
            hash,
            stream.i32(40),
            stream.u32(44));
    this.names =
        new TypeNames(this, hash, stream.i32(32), stream.u32(36), stream.i32(24), stream.u32(28));
  }

  static Tpi open(Msf msf, int index) {
    return new Tpi(msf, msf.stream(index, "PDB type stream"));
  }

  /** The first type index that has a record. */
  public int begin() {
    return begin;
  }

  /** The type index behind the last one. */
  public int end() {
    return end;
  }

  /** The place of a record; −1 for basic types and indices outside the stream. */
  private long place(int index) {
    return places == null || index < begin ? -1 : places.place(index - begin);
  }

  /** A record; empty for basic types and indices outside the stream. */
  public Optional<TypeRecord> record(int index) {
    MsfStream s = stream;
    long p = place(index);
    if (s == null || p < 0) {
      return Optional.empty();
    }
    return Optional.of(read(new Reader(s, p + 4, p + 2 + s.u16(p)), s.u16(p + 2)));
  }

  /** The name that a record defines; empty for records that define none. */
  String definedName(int index) {
    MsfStream s = stream;
    long p = place(index);
    if (s == null || p < 0) {
      return "";
    }
    int leaf = s.u16(p + 2);
    boolean named =
        leaf == LF_CLASS
            || leaf == LF_STRUCTURE
            || leaf == LF_INTERFACE
            || leaf == LF_UNION
            || leaf == LF_ENUM;
    if (!named || (s.u16(p + 6) & TypeRecord.FORWARD) != 0) {
      return "";
    }
    return switch (read(new Reader(s, p + 4, p + 2 + s.u16(p)), leaf)) {
      case TypeRecord.Structure t -> t.name();
      case TypeRecord.Enumeration t -> t.name();
      default -> "";
    };
  }

  private static TypeRecord read(Reader r, int leaf) {
    return switch (leaf) {
      case LF_MODIFIER -> new TypeRecord.Modifier(r.i32(), r.u16());
      case LF_POINTER -> pointer(r);
      case LF_PROCEDURE -> {
        int result = r.i32();
        int convention = r.u8();
        r.skip(3);
        yield new TypeRecord.Function(result, convention, r.i32(), 0);
      }
      case LF_MFUNCTION -> {
        int result = r.i32();
        r.skip(4);
        int self = r.i32();
        int convention = r.u8();
        r.skip(3);
        yield new TypeRecord.Function(result, convention, r.i32(), self);
      }
      case LF_ARGLIST -> arguments(r);
      case LF_BITFIELD -> new TypeRecord.BitField(r.i32(), r.u8(), r.u8());
      case LF_ARRAY -> {
        int element = r.i32();
        r.skip(4);
        yield new TypeRecord.Array(element, r.numeric());
      }
      case LF_CLASS, LF_STRUCTURE, LF_INTERFACE -> {
        r.skip(2);
        int properties = r.u16();
        int fields = r.i32();
        r.skip(8);
        yield structure(r, leaf == LF_CLASS ? "class" : "struct", properties, fields);
      }
      case LF_UNION -> {
        r.skip(2);
        int properties = r.u16();
        yield structure(r, "union", properties, r.i32());
      }
      case LF_ENUM -> {
        r.skip(2);
        int properties = r.u16();
        int underlying = r.i32();
        int fields = r.i32();
        String name = r.string();
        yield new TypeRecord.Enumeration(
            properties, underlying, fields, name, unique(r, properties));
      }
      case LF_FUNC_ID, LF_MFUNC_ID -> {
        int scope = r.i32();
        int type = r.i32();
        yield new TypeRecord.FunctionId(scope, type, r.string(), leaf == LF_MFUNC_ID);
      }
      case LF_STRING_ID -> {
        r.skip(4);
        yield new TypeRecord.Text(r.string());
      }
      case LF_VTSHAPE -> new TypeRecord.VirtualTableShape();
      default -> new TypeRecord.Other(leaf);
    };
  }

  private static TypeRecord structure(Reader r, String keyword, int properties, int fields) {
    long size = r.numeric();
    String name = r.string();
    return new TypeRecord.Structure(keyword, properties, fields, size, name, unique(r, properties));
  }

  private static String unique(Reader r, int properties) {
    return (properties & TypeRecord.HAS_UNIQUE_NAME) != 0 ? r.string() : "";
  }

  private static TypeRecord arguments(Reader r) {
    long count = r.i32() & 0xffff_ffffL;
    List<Integer> types = new ArrayList<>();
    // The record's end limits the count: 64 KB at most.
    for (long i = 0; i < count; i++) {
      types.add(r.i32());
    }
    return new TypeRecord.Arguments(List.copyOf(types));
  }

  private static TypeRecord pointer(Reader r) {
    int target = r.i32();
    int attributes = r.i32();
    int size = attributes >>> 13 & 0x3f;
    // Compilers before Visual C++ 7 leave the size out; the kind says it.
    int bytes = size != 0 ? size : (attributes & 0x1f) == 0xc ? 8 : 4;
    return new TypeRecord.Pointer(target, bytes, attributes >>> 5 & 7);
  }

  /** The entries of a field list, continuations included, that lay out data. */
  public List<TypeRecord.Field> fields(int fieldList) {
    List<TypeRecord.Field> result = new ArrayList<>();
    int next = fieldList;
    for (int i = 0; i < MAX_CONTINUATIONS && next != 0; i++) {
      next = fields(next, result);
    }
    return result;
  }

  /** Reads one list; the answer is the index of its continuation or 0. */
  private int fields(int index, List<TypeRecord.Field> into) {
    MsfStream s = stream;
    long p = place(index);
    if (s == null || p < 0 || s.u16(p + 2) != LF_FIELDLIST) {
      return 0;
    }
    Reader r = new Reader(s, p + 4, p + 2 + s.u16(p));
    int continuation = 0;
    while (r.more() && into.size() < MAX_FIELDS) {
      int leaf = r.u16();
      switch (leaf) {
        case LF_MEMBER -> {
          r.skip(2);
          int type = r.i32();
          into.add(new TypeRecord.Member(type, r.numeric(), r.string()));
        }
        case LF_ENUMERATE -> {
          r.skip(2);
          into.add(new TypeRecord.Enumerator(r.numeric(), r.string()));
        }
        case LF_BCLASS -> {
          r.skip(2);
          int type = r.i32();
          into.add(new TypeRecord.Base(type, r.numeric()));
        }
        case LF_VBCLASS, LF_IVBCLASS -> {
          r.skip(2);
          int type = r.i32();
          r.skip(4);
          into.add(new TypeRecord.VirtualBase(type, r.numeric(), r.numeric(), leaf == LF_VBCLASS));
        }
        case LF_INDEX -> {
          r.skip(2);
          continuation = r.i32();
        }
        case LF_VFUNCTAB -> {
          r.skip(2);
          into.add(new TypeRecord.VirtualTable(r.i32()));
        }
        case LF_STMEMBER -> {
          r.skip(2);
          into.add(new TypeRecord.StaticMember(r.i32(), r.string()));
        }
        case LF_METHOD -> {
          r.skip(2);
          into.add(new TypeRecord.Method(r.i32(), r.string()));
        }
        case LF_NESTTYPE -> {
          r.skip(6);
          r.string();
        }
        case LF_ONEMETHOD -> {
          int kind = r.u16() >>> 2 & 7;
          int type = r.i32();
          // Introducing virtual functions carry their place in the table.
          if (kind == 4 || kind == 6) {
            r.skip(4);
          }
          into.add(new TypeRecord.Method(type, r.string()));
        }
        default -> {
          // The length of an unknown entry is unknown, so the list ends here.
          return continuation;
        }
      }
      r.padding();
    }
    return continuation;
  }

  /** The index of the definition of a structure, union or enumeration; empty if there is none. */
  public Optional<Integer> named(String name) {
    return names.find(name);
  }

  /**
   * The index of the definition that a forward reference stands for; the index itself for other
   * records and where the file defines no such thing.
   */
  public int definition(int index) {
    Optional<TypeRecord> record = record(index);
    if (record.isEmpty()) {
      return index;
    }
    return switch (record.get()) {
      case TypeRecord.Structure s when s.forward() ->
          names.definition(s.name(), s.unique()).orElse(index);
      case TypeRecord.Enumeration e when e.forward() ->
          names.definition(e.name(), e.unique()).orElse(index);
      default -> index;
    };
  }

  /** The names of all structures, unions and enumerations that are defined here. */
  public List<String> allNames() {
    return List.copyOf(names.names());
  }

  /** A place in a record, which ends where the record ends. */
  private static final class Reader {
    private final MsfStream s;
    private long at;
    private final long end;

    Reader(MsfStream s, long at, long end) {
      this.s = s;
      this.at = at;
      this.end = end;
    }

    boolean more() {
      return at + 2 <= end;
    }

    private long take(int bytes) {
      long here = at;
      if (here + bytes > end) {
        throw new FormatException("PDB type record", here, "the record ends inside a field");
      }
      at += bytes;
      return here;
    }

    void skip(int bytes) {
      take(bytes);
    }

    int u8() {
      return s.u8(take(1));
    }

    int u16() {
      return s.u16(take(2));
    }

    int i32() {
      return s.i32(take(4));
    }

    long numeric() {
      int leaf = u16();
      if (leaf < 0x8000) {
        return leaf;
      }
      return switch (leaf) {
        case 0x8000 -> (byte) u8();
        case 0x8001 -> (short) u16();
        case 0x8002 -> u16();
        case 0x8003 -> i32();
        case 0x8004 -> i32() & 0xffff_ffffL;
        case 0x8009, 0x800a -> s.u64(take(8));
        default ->
            throw new FormatException(
                "PDB type record", at, "a number of kind 0x" + Integer.toHexString(leaf));
      };
    }

    String string() {
      int length = s.lengthToNul(at, Math.clamp(end - at, 0, MAX_NAME));
      String text = s.string(at, length);
      at = Math.min(end, at + length + 1);
      return text;
    }

    /** Skips the bytes that align the next entry: each says in its low half how many are left. */
    void padding() {
      while (at < end && s.u8(at) > 0xf0) {
        at += Math.max(1, s.u8(at) & 0xf);
      }
    }
  }
}
