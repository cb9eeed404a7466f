// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jkd.image.FormatException;
import org.jkd.pdb.Tpi;
import org.jkd.pdb.TypeRecord;

/** The types of a PDB in the words of {@code dt}. */
final class PdbTypes implements Types {
  /** Pointers to pointers, arrays of arrays: deeper nesting than this is a cycle. */
  private static final int MAX_DEPTH = 32;

  /** Types in one type: parameters of functions that are parameters of functions. */
  private static final int MAX_PARTS = 2048;

  private static final int MAX_BASES = 256;

  private static final VoidType UNKNOWN = new VoidType("<unknown type>");

  private final Tpi tpi;
  private final Function<String, OptionalInt> typedefs;
  private final Map<String, Optional<StructType>> structures = new HashMap<>();

  /**
   * @param typedefs the type index of a name that is another name for a type
   */
  PdbTypes(Tpi tpi, Function<String, OptionalInt> typedefs) {
    this.tpi = tpi;
    this.typedefs = typedefs;
  }

  @Override
  public Optional<StructType> struct(String name) {
    return structures.computeIfAbsent(name, this::read);
  }

  @Override
  public Optional<Type> named(String name) {
    String plain = Types.withoutKeyword(name);
    Optional<Integer> index = index(plain);
    if (index.isEmpty()) {
      OptionalInt other = typedefs.apply(plain);
      return other.isPresent() ? Optional.of(type(other.getAsInt())) : Optional.empty();
    }
    return Optional.of(type(index.get()));
  }

  private Optional<StructType> read(String name) {
    Optional<Integer> index = index(name);
    if (index.isEmpty()
        || !(record(index.get()).orElse(null) instanceof TypeRecord.Structure structure)) {
      return Optional.empty();
    }
    return Optional.of(new Layout().of(structure));
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

  /** The index of the record with the members: of a forward reference that of the definition. */
  private int definition(int index) {
    try {
      return tpi.definition(index);
    } catch (FormatException e) {
      return index;
    }
  }

  private List<TypeRecord.Field> fieldsOf(int list) {
    try {
      return tpi.fields(list);
    } catch (FormatException e) {
      return List.of();
    }
  }

  /** The parts of one structure as they are read. */
  private final class Layout {
    private final List<Field> fields = new ArrayList<>();
    private final List<BaseClass> bases = new ArrayList<>();
    private final List<StaticField> statics = new ArrayList<>();
    private int elements;

    /**
     * How many base classes may still be opened: damaged files have classes based on each other.
     */
    private int basesLeft = MAX_BASES;

    StructType of(TypeRecord.Structure structure) {
      add(structure, 0, true);
      return new StructType(
          structure.name(),
          structure.keyword(),
          structure.size(),
          List.copyOf(fields),
          List.copyOf(bases),
          List.copyOf(statics),
          elements);
    }

    private void add(TypeRecord.Structure owner, long at, boolean own) {
      List<TypeRecord.Field> entries = fieldsOf(owner.fieldList());
      elements = own ? entries.size() : elements;
      for (TypeRecord.Field f : entries) {
        switch (f) {
          case TypeRecord.Member m ->
              fields.add(new Field(m.name(), at + m.offset(), type(m.type())));
          case TypeRecord.StaticMember m ->
              statics.add(new StaticField(owner.name(), m.name(), type(m.type())));
          case TypeRecord.Base b -> base(b, at, own);
          case TypeRecord.VirtualBase b -> {
            if (own && type(b.type()) instanceof StructRef ref) {
              bases.add(new BaseClass(ref, b.pointerOffset(), true));
            }
          }
          case TypeRecord.VirtualTable v ->
              fields.add(new Field("__VFN_table", at, type(v.type())));
          case TypeRecord.Enumerator _, TypeRecord.Method _ -> {
            // These have no place in a structure.
          }
        }
      }
    }

    private void base(TypeRecord.Base b, long at, boolean own) {
      if (own && type(b.type()) instanceof StructRef ref) {
        bases.add(new BaseClass(ref, b.offset(), false));
      }
      if (basesLeft-- > 0
          && record(definition(b.type())).orElse(null) instanceof TypeRecord.Structure base) {
        add(base, at + b.offset(), false);
      }
    }
  }

  /** A type by its index, as fields and symbols refer to it. */
  Type type(int index) {
    return new Reader().type(index, 0);
  }

  /** Reads one type with all that it is made of, which is limited. */
  private final class Reader {
    private int partsLeft = MAX_PARTS;

    Type type(int index, int depth) {
      if (index < 0x1000 && index >= 0) {
        return BasicTypes.of(index);
      }
      if (depth > MAX_DEPTH || partsLeft-- <= 0) {
        return UNKNOWN;
      }
      int place = definition(index);
      return record(place).map(r -> type(r, place, depth)).orElse(UNKNOWN);
    }

    private Type type(TypeRecord record, int place, int depth) {
      return switch (record) {
        case TypeRecord.Modifier m -> type(m.type(), depth + 1);
        case TypeRecord.Pointer p ->
            new Pointer(p.size(), type(p.target(), depth + 1), p.mode() == 2 || p.mode() == 3);
        case TypeRecord.BitField b -> new Bits(type(b.type(), depth + 1), b.position(), b.length());
        case TypeRecord.Array a -> {
          Type element = type(a.element(), depth + 1);
          yield new Array(element, element.size() > 0 ? a.size() / element.size() : 0, a.size());
        }
        case TypeRecord.Structure s -> new StructRef(s.keyword(), key(s.name(), place), s.size());
        case TypeRecord.Enumeration e -> enumeration(e, depth);
        case TypeRecord.Function f -> function(f, depth);
        case TypeRecord.VirtualTableShape _ -> new VoidType("");
        case TypeRecord.Arguments _,
            TypeRecord.FunctionId _,
            TypeRecord.Text _,
            TypeRecord.Other _ ->
            UNKNOWN;
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

    private Type function(TypeRecord.Function f, int depth) {
      List<Type> parameters = new ArrayList<>();
      if (record(f.arguments()).orElse(null) instanceof TypeRecord.Arguments arguments) {
        for (int a : arguments.types()) {
          parameters.add(type(a, depth + 1));
        }
      }
      return new FunctionType(
          Optional.of(type(f.result(), depth + 1)),
          List.copyOf(parameters),
          convention(f.convention()));
    }
  }

  /**
   * What a reference to a structure finds it by. Types without a tag share one name ({@code
   * __unnamed}, {@code <unnamed-tag>}), and functions define types of the same name: a reference to
   * one that its name does not lead to gets its type index behind a {@code #}.
   */
  private String key(String name, int index) {
    boolean leadsThere = index(name).map(i -> i == index).orElse(false);
    return leadsThere ? name : name + "#" + Integer.toHexString(index);
  }

  private static String convention(int code) {
    return switch (code) {
      case 0, 1 -> "cdecl";
      case 4, 5 -> "fastcall";
      case 7, 8 -> "stdcall";
      case 11 -> "thiscall";
      default -> "";
    };
  }

  @Override
  public List<String> names(Predicate<String> name) {
    return tpi.allNames().stream().filter(name).sorted().toList();
  }
}
