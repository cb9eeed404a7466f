// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jkd.image.FormatException;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Types;
import org.jspecify.annotations.Nullable;

/**
 * The types of an image from DWARF: all entries that describe one are read at the first question.
 * Members of structures without a name are shown as those of the structure around them.
 */
final class DwarfTypes implements Types {
  /** Types within types: pointers to pointers, structures in structures. */
  private static final int MAX_DEPTH = 32;

  private static final int MAX_NESTED = 1 << 10;
  private static final int MAX_MEMBERS = 1 << 16;

  /** DW_OP_plus_uconst, in which old compilers wrap the place of a member. */
  private static final int PLUS = 0x23;

  private static final Type VOID = new VoidType("Void");
  private static final Type UNKNOWN = new VoidType("<unknown type>");

  private final List<Unit> units;
  private final Consumer<String> log;
  private final Map<Long, Die> dies = new HashMap<>();
  private final Map<String, Long> byName = new HashMap<>();
  private final Map<String, Variable> variables = new HashMap<>();
  private boolean read;

  /** A variable with a fixed address. */
  private record Variable(long rva, long type) {}

  /** What an entry says; of structures and the like, also what stands below it. */
  private static final class Die {
    int tag;
    String name = "";
    long size;
    long type = -1;
    int encoding;
    boolean declaration;
    int pointerSize;
    final List<Member> members = new ArrayList<>();
    final List<EnumValue> values = new ArrayList<>();
    final List<Long> counts = new ArrayList<>();
  }

  /**
   * A member or a base class.
   *
   * @param bits how many, or 0 for whole bytes
   * @param firstBit from the start of the structure
   */
  private record Member(
      String name, long type, long offset, int bits, long firstBit, boolean base) {}

  DwarfTypes(List<Unit> units, Consumer<String> log) {
    this.units = units;
    this.log = log;
  }

  private void readAll() {
    if (read) {
      return;
    }
    read = true;
    for (Unit unit : units) {
      try {
        entries(unit);
      } catch (FormatException e) {
        log.accept("the types of a unit are read in part: " + e.getMessage());
      }
    }
  }

  private void entries(Unit unit) {
    Cursor in = new Cursor(unit.sections.info(), unit.firstEntry);
    List<@Nullable Die> parents = new ArrayList<>();
    List<String> scopes = new ArrayList<>();
    @Nullable Die parent = null;
    String scope = "";
    Entry entry = new Entry();
    while (in.at() < unit.end) {
      unit.entry(in, entry);
      if (entry.kind == null) {
        if (parents.isEmpty()) {
          return;
        }
        parent = parents.removeLast();
        scope = scopes.removeLast();
        continue;
      }
      Die die = entry(unit, entry, parent, scope);
      if (entry.kind.children()) {
        if (parents.size() == MAX_NESTED) {
          throw in.broken("more than " + MAX_NESTED + " levels");
        }
        parents.add(parent);
        scopes.add(scope);
        boolean named = die != null && isStructure(die.tag) || entry.tag() == Entry.TAG_NAMESPACE;
        String name = unit.text(entry, Entry.NAME);
        scope = named && name != null ? scope + name + "::" : scope;
        parent = die;
      }
    }
  }

  private static boolean isStructure(int tag) {
    return tag == Entry.TAG_STRUCTURE || tag == Entry.TAG_CLASS || tag == Entry.TAG_UNION;
  }

  private @Nullable Die entry(Unit unit, Entry entry, @Nullable Die parent, String scope) {
    String name = unit.text(entry, Entry.NAME);
    long type = unit.reference(entry, Entry.TYPE);
    switch (entry.tag()) {
      case Entry.TAG_MEMBER, Entry.TAG_INHERITANCE -> {
        if (parent != null
            && entry.find(Entry.DECLARATION) < 0
            && parent.members.size() < MAX_MEMBERS) {
          parent.members.add(member(unit, entry, name == null ? "" : name, type));
        }
        return null;
      }
      case Entry.TAG_ENUMERATOR -> {
        if (parent != null && name != null && parent.values.size() < MAX_MEMBERS) {
          parent.values.add(new EnumValue(name, unit.number(entry, Entry.CONST_VALUE, 0)));
        }
        return null;
      }
      case Entry.TAG_SUBRANGE -> {
        if (parent != null) {
          long last = unit.number(entry, Entry.UPPER_BOUND, -1);
          long count = unit.number(entry, Entry.COUNT, last + 1);
          parent.counts.add(Math.max(0, count));
        }
        return null;
      }
      case Entry.TAG_VARIABLE -> {
        long rva = unit.location(entry);
        if (rva >= 0 && name != null) {
          variables.putIfAbsent(scope + name, new Variable(rva, type));
        }
        return null;
      }
      case Entry.TAG_BASE,
          Entry.TAG_POINTER,
          Entry.TAG_REFERENCE,
          Entry.TAG_RVALUE_REFERENCE,
          Entry.TAG_MEMBER_POINTER,
          Entry.TAG_CONST,
          Entry.TAG_VOLATILE,
          Entry.TAG_RESTRICT,
          Entry.TAG_ATOMIC,
          Entry.TAG_TYPEDEF,
          Entry.TAG_STRUCTURE,
          Entry.TAG_CLASS,
          Entry.TAG_UNION,
          Entry.TAG_ENUM,
          Entry.TAG_ARRAY,
          Entry.TAG_FUNCTION_TYPE -> {
        Die die = new Die();
        die.tag = entry.tag();
        die.name = name == null ? "" : scope + name;
        die.size = unit.number(entry, Entry.BYTE_SIZE, 0);
        die.type = type;
        die.encoding = unit.small(entry, Entry.ENCODING);
        die.declaration = entry.find(Entry.DECLARATION) >= 0;
        die.pointerSize = unit.addressSize;
        dies.put(entry.offset, die);
        boolean named = isStructure(die.tag) || die.tag == Entry.TAG_ENUM;
        if (!die.name.isEmpty() && !die.declaration && named) {
          byName.put(
              die.name, Math.min(entry.offset, byName.getOrDefault(die.name, Long.MAX_VALUE)));
        } else if (die.tag == Entry.TAG_TYPEDEF || die.tag == Entry.TAG_BASE) {
          // A structure of the same name comes first.
          byName.putIfAbsent(die.name, entry.offset);
        }
        return die;
      }
      default -> {
        return null;
      }
    }
  }

  private static Member member(Unit unit, Entry entry, String name, long type) {
    long offset = offset(unit, entry);
    int bits = unit.small(entry, Entry.BIT_SIZE);
    long firstBit = unit.number(entry, Entry.DATA_BIT_OFFSET, -1);
    if (bits > 0 && firstBit < 0) {
      // Until version 3, bits are counted from the highest one of their storage.
      long storage = unit.number(entry, Entry.BYTE_SIZE, 0);
      long fromTop = unit.number(entry, Entry.BIT_OFFSET, 0);
      firstBit = storage > 0 ? 8 * offset + 8 * storage - fromTop - bits : -1 - fromTop;
    }
    return new Member(name, type, offset, bits, firstBit, entry.tag() == Entry.TAG_INHERITANCE);
  }

  private static long offset(Unit unit, Entry entry) {
    int i = entry.find(Entry.MEMBER_LOCATION);
    if (i < 0) {
      return 0;
    }
    long value = entry.value(i);
    int form = entry.form(i);
    if (form != Form.BLOCK1 && form != Form.BLOCK && form != Form.EXPRLOC) {
      return value;
    }
    Cursor in = new Cursor(unit.sections.info(), value);
    long length = form == Form.BLOCK1 ? in.u8() : in.uleb();
    return length > 1 && in.u8() == PLUS ? in.uleb() : 0;
  }

  @Override
  public Optional<StructType> struct(String name) {
    readAll();
    int hash = name.indexOf('#');
    Long place = hash < 0 ? byName.get(name) : place(name.substring(hash + 1));
    Die die = place == null ? null : dies.get(place);
    if (die == null || !isStructure(die.tag)) {
      return Optional.empty();
    }
    List<Field> fields = new ArrayList<>();
    fields(die, 0, fields, 0);
    return Optional.of(new StructType(shown(die), keyword(die), die.size, List.copyOf(fields)));
  }

  private static @Nullable Long place(String hex) {
    try {
      return Long.parseLong(hex, 16);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private void fields(Die die, long at, List<Field> into, int depth) {
    for (Member m : die.members) {
      Die inner = definition(m.type);
      boolean nested = m.base || m.name.isEmpty() && m.bits == 0;
      if (into.size() >= MAX_MEMBERS) {
        return;
      }
      if (nested && inner != null && isStructure(inner.tag) && depth < MAX_DEPTH) {
        fields(inner, at + m.offset, into, depth + 1);
      } else if (!m.name.isEmpty()) {
        into.add(field(m, at));
      }
    }
  }

  private Field field(Member m, long at) {
    Type type = type(m.type, 0);
    if (m.bits == 0) {
      return new Field(m.name, at + m.offset, type);
    }
    long width = 8 * Math.max(1, type.size());
    // Negative: counted from the top of a storage of the type's own size.
    long first = m.firstBit >= 0 ? m.firstBit : 8 * m.offset + width + 1 + m.firstBit - m.bits;
    long storage = first / width * width;
    return new Field(m.name, at + storage / 8, new Bits(type, (int) (first - storage), m.bits));
  }

  /** The structure that a reference leads to, through typedefs and the like. */
  private @Nullable Die definition(long place) {
    Die die = dies.get(place);
    for (int i = 0; i < MAX_DEPTH && die != null && isTransparent(die.tag); i++) {
      die = dies.get(die.type);
    }
    if (die != null && die.declaration && byName.containsKey(die.name)) {
      return dies.get(byName.get(die.name));
    }
    return die;
  }

  private static boolean isTransparent(int tag) {
    return switch (tag) {
      case Entry.TAG_CONST,
          Entry.TAG_VOLATILE,
          Entry.TAG_RESTRICT,
          Entry.TAG_ATOMIC,
          Entry.TAG_TYPEDEF ->
          true;
      default -> false;
    };
  }

  private Type type(long place, int depth) {
    if (place < 0) {
      return VOID;
    }
    Die die = dies.get(place);
    if (die == null || depth > MAX_DEPTH) {
      return UNKNOWN;
    }
    return switch (die.tag) {
      case Entry.TAG_BASE -> base(die);
      case Entry.TAG_POINTER, Entry.TAG_REFERENCE, Entry.TAG_RVALUE_REFERENCE ->
          new Pointer(die.size > 0 ? die.size : die.pointerSize, type(die.type, depth + 1));
      case Entry.TAG_MEMBER_POINTER ->
          new Pointer(die.pointerSize, type(die.type, depth + 1), true);
      case Entry.TAG_STRUCTURE, Entry.TAG_CLASS, Entry.TAG_UNION -> reference(die, place);
      case Entry.TAG_ENUM ->
          new EnumType(
              die.name.isEmpty() ? "<unnamed-tag>" : die.name,
              die.size > 0 ? die.size : type(die.type, depth + 1).size(),
              List.copyOf(die.values));
      case Entry.TAG_ARRAY -> array(die, depth);
      case Entry.TAG_FUNCTION_TYPE ->
          new FunctionType(Optional.of(type(die.type, depth + 1)), List.of(), "");
      default -> type(die.type, depth + 1);
    };
  }

  private Type array(Die die, int depth) {
    Type type = type(die.type, depth + 1);
    for (int i = die.counts.size() - 1; i >= 0; i--) {
      long count = die.counts.get(i);
      type = new Array(type, count, count * type.size());
    }
    return type;
  }

  private StructRef reference(Die die, long place) {
    Long known = byName.get(die.name);
    Die definition = die.declaration && known != null ? dies.get(known) : die;
    Die shown = definition == null ? die : definition;
    boolean leadsThere = known != null && (known == place || die.declaration);
    return new StructRef(
        keyword(shown),
        leadsThere ? die.name : shown(die) + "#" + Long.toHexString(place),
        shown.size);
  }

  private static String shown(Die die) {
    return die.name.isEmpty() ? "<unnamed-tag>" : die.name;
  }

  private static String keyword(Die die) {
    return switch (die.tag) {
      case Entry.TAG_CLASS -> "class";
      case Entry.TAG_UNION -> "union";
      default -> "struct";
    };
  }

  /**
   * A number, as {@code dt} calls it. DW_ATE: 2 truth, 4 floating, 5 and 6 signed, 16 character.
   */
  private static Type base(Die die) {
    int size = Math.clamp(die.size, 0, 16);
    return switch (die.encoding) {
      case 2 -> new Base(size == 1 ? "Bool" : "Bool" + size + "B", size, false, "bool");
      case 4 -> new Base(size == 4 ? "Float" : size == 8 ? "Double" : "Float10B", size, true);
      case 6 -> new Base("Char", size, true, die.name);
      case 5 -> new Base(size == 1 ? "Char" : "Int" + size + "B", size, true, die.name);
      case 8 -> new Base("UChar", size, false, die.name);
      case 16 ->
          new Base(size == 2 ? "Wchar" : size == 1 ? "UChar" : "Char4B", size, false, die.name);
      default -> new Base(size == 1 ? "UChar" : "Uint" + size + "B", size, false, die.name);
    };
  }

  @Override
  public Optional<Type> named(String name) {
    readAll();
    String plain = Types.withoutKeyword(name);
    Long place = byName.get(plain);
    return place == null
        ? struct(plain).map(s -> new StructRef(s.keyword(), plain, s.size()))
        : Optional.of(type(place, 0));
  }

  /** A variable with a fixed address. */
  Optional<ModuleSymbols.Data> data(String name) {
    readAll();
    Variable v = variables.get(name);
    return v == null
        ? Optional.empty()
        : Optional.of(new ModuleSymbols.Data(v.rva, type(v.type, 0)));
  }

  @Override
  public List<String> names(Predicate<String> name) {
    readAll();
    return byName.keySet().stream()
        .filter(n -> dies.get(byName.get(n)) instanceof Die d && d.tag != Entry.TAG_BASE)
        .filter(name)
        .sorted()
        .toList();
  }
}
