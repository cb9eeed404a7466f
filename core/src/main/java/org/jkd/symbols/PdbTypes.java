// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jkd.image.FormatException;
import org.jkd.pdb.Tpi;
import org.jkd.pdb.TypeRecord;

/** The types of a PDB in the words of {@code dt}. */
final class PdbTypes implements Types {
  /** Pointers to pointers, arrays of arrays: deeper nesting than this is a cycle. */
  private static final int MAX_DEPTH = 32;

  private static final int MAX_BASES = 256;

  private final Tpi tpi;
  private final Map<String, Optional<StructType>> structures = new HashMap<>();

  PdbTypes(Tpi tpi) {
    this.tpi = tpi;
  }

  @Override
  public Optional<StructType> struct(String name) {
    return structures.computeIfAbsent(name, this::read);
  }

  private Optional<StructType> read(String name) {
    Optional<Integer> index = index(name);
    if (index.isEmpty()
        || !(record(index.get()).orElse(null) instanceof TypeRecord.Structure structure)) {
      return Optional.empty();
    }
    List<Field> fields = new ArrayList<>();
    addFields(structure, 0, fields, new int[] {MAX_BASES});
    return Optional.of(
        new StructType(
            structure.name(), structure.keyword(), structure.size(), List.copyOf(fields)));
  }

  /**
   * Types without a tag all have the same name ({@code __unnamed}, {@code <unnamed-tag>}); a
   * reference to one gets its type index behind a {@code #}.
   */
  private String unique(String name, int index) {
    boolean tagged = !name.contains("unnamed") && !name.contains("anonymous");
    return tagged ? name : name + "#" + Integer.toHexString(index);
  }

  private Optional<Integer> index(String name) {
    int hash = name.indexOf('#');
    if (hash < 0) {
      return tpi.named(name);
    }
    try {
      return Optional.of(Integer.parseInt(name.substring(hash + 1), 16));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private Optional<TypeRecord> record(int index) {
    try {
      return tpi.record(index);
    } catch (FormatException e) {
      // What a damaged record says is unknown; the field that refers to it is shown without type.
      return Optional.empty();
    }
  }

  private List<TypeRecord.Field> fieldsOf(int list) {
    try {
      return tpi.fields(list);
    } catch (FormatException e) {
      return List.of();
    }
  }

  /**
   * @param bases how many base classes may still be opened: classes of a damaged file may be bases
   *     of each other
   */
  private void addFields(TypeRecord.Structure owner, long at, List<Field> into, int[] bases) {
    for (TypeRecord.Field f : fieldsOf(owner.fieldList())) {
      switch (f) {
        case TypeRecord.Member m ->
            into.add(new Field(m.name(), at + m.offset(), type(m.type(), 0)));
        case TypeRecord.Base b -> {
          if (bases[0]-- > 0
              && definition(b.type()).orElse(null) instanceof TypeRecord.Structure base) {
            addFields(base, at + b.offset(), into, bases);
          }
        }
        case TypeRecord.VirtualTable v -> into.add(new Field("__VFN_table", at, type(v.type(), 0)));
        case TypeRecord.Enumerator e -> {
          // Values have no place in a structure.
        }
      }
    }
  }

  /** The record with the members: of a forward reference the definition of that name. */
  private Optional<TypeRecord> definition(int index) {
    Optional<TypeRecord> r = record(index);
    if (r.isEmpty()) {
      return r;
    }
    String forward =
        switch (r.get()) {
          case TypeRecord.Structure s when s.forward() -> s.name();
          case TypeRecord.Enumeration e when e.forward() -> e.name();
          default -> "";
        };
    return forward.isEmpty() ? r : tpi.named(forward).flatMap(this::record).or(() -> r);
  }

  private Type type(int index, int depth) {
    if (index < 0x1000 && index >= 0) {
      return simple(index);
    }
    Optional<TypeRecord> r = depth > MAX_DEPTH ? Optional.empty() : definition(index);
    if (r.isEmpty()) {
      return new VoidType("<unknown type>");
    }
    return switch (r.get()) {
      case TypeRecord.Modifier m -> type(m.type(), depth + 1);
      case TypeRecord.Pointer p -> new Pointer(p.size(), type(p.target(), depth + 1));
      case TypeRecord.BitField b -> new Bits(type(b.type(), depth + 1), b.position(), b.length());
      case TypeRecord.Array a -> {
        Type element = type(a.element(), depth + 1);
        yield new Array(element, element.size() > 0 ? a.size() / element.size() : 0, a.size());
      }
      case TypeRecord.Structure s -> new StructRef(unique(s.name(), index), s.size());
      case TypeRecord.Enumeration e -> enumeration(e, depth);
      case TypeRecord.Function f -> new FunctionType();
      case TypeRecord.Other o -> new VoidType("<unknown type>");
    };
  }

  private Type enumeration(TypeRecord.Enumeration e, int depth) {
    List<EnumValue> values = new ArrayList<>();
    for (TypeRecord.Field f : fieldsOf(e.fieldList())) {
      if (f instanceof TypeRecord.Enumerator(long value, String name)) {
        values.add(new EnumValue(name, value));
      }
    }
    return new EnumType(e.name(), type(e.underlying(), depth + 1).size(), List.copyOf(values));
  }

  private static Type simple(int index) {
    Type direct = basic(index & 0xff);
    return switch (index >>> 8 & 7) {
      case 0 -> direct;
      case 6 -> new Pointer(8, direct);
      default -> new Pointer(4, direct);
    };
  }

  private static Type basic(int kind) {
    return switch (kind) {
      case 0x03 -> new VoidType("Void");
      case 0x08 -> new Base("HRESULT", 4, true);
      case 0x10, 0x70, 0x68 -> new Base("Char", 1, true);
      case 0x20, 0x69 -> new Base("UChar", 1, false);
      case 0x71 -> new Base("Wchar", 2, false);
      case 0x7a -> new Base("Char2B", 2, false);
      case 0x7b -> new Base("Char4B", 4, false);
      case 0x11, 0x72 -> new Base("Int2B", 2, true);
      case 0x21, 0x73 -> new Base("Uint2B", 2, false);
      case 0x12, 0x74 -> new Base("Int4B", 4, true);
      case 0x22, 0x75 -> new Base("Uint4B", 4, false);
      case 0x13, 0x76 -> new Base("Int8B", 8, true);
      case 0x23, 0x77 -> new Base("Uint8B", 8, false);
      case 0x14, 0x78 -> new Base("Int16B", 16, true);
      case 0x24, 0x79 -> new Base("Uint16B", 16, false);
      case 0x30 -> new Base("Bool", 1, false);
      case 0x31 -> new Base("Bool2B", 2, false);
      case 0x32 -> new Base("Bool4B", 4, false);
      case 0x40 -> new Base("Float", 4, true);
      case 0x41 -> new Base("Double", 8, true);
      case 0x42 -> new Base("Float10B", 10, true);
      default -> new VoidType("<basic type " + Integer.toHexString(kind) + ">");
    };
  }

  @Override
  public List<String> names(Predicate<String> name) {
    return tpi.allNames().stream().filter(name).sorted().toList();
  }
}
