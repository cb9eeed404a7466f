// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** The structures, unions and enumerations that a symbol file describes. */
public interface Types {
  /** No types at all. */
  Types NONE =
      new Types() {
        @Override
        public Optional<StructType> struct(String name) {
          return Optional.empty();
        }

        @Override
        public List<String> names(Predicate<String> name) {
          return List.of();
        }
      };

  /**
   * The complete definition of a structure, class or union, for instance {@code _KTHREAD}, or what
   * a {@link StructRef} of this source refers to by its name.
   */
  Optional<StructType> struct(String name);

  /**
   * A type by its name: a structure as a {@link StructRef}, an enumeration, or what a typedef
   * stands for. A keyword ({@code struct}, {@code enum}) in front is allowed.
   */
  default Optional<Type> named(String name) {
    String plain = withoutKeyword(name);
    return struct(plain).map(s -> new StructRef(s.keyword(), plain, s.size()));
  }

  /** {@code _KTHREAD} of {@code struct _KTHREAD}. */
  static String withoutKeyword(String name) {
    for (String keyword : List.of("struct ", "class ", "union ", "enum ")) {
      if (name.startsWith(keyword)) {
        return name.substring(keyword.length()).strip();
      }
    }
    return name;
  }

  /** The names of all types that pass. */
  List<String> names(Predicate<String> name);

  /**
   * The offset of a field in bytes; {@code path} may lead through nested structures with dots, for
   * instance {@code "Header.Size"}.
   */
  default OptionalLong offset(String struct, String path) {
    long offset = 0;
    String owner = struct;
    for (String part : path.split("\\.", -1)) {
      Optional<Field> field = struct(owner).flatMap(s -> s.field(part));
      if (field.isEmpty()) {
        return OptionalLong.empty();
      }
      offset += field.get().offset();
      owner = field.get().type() instanceof StructRef s ? s.name() : "";
    }
    return OptionalLong.of(offset);
  }

  /**
   * A structure or union.
   *
   * @param size bytes
   * @param fields its members and those of its base classes, with their offsets in this structure
   * @param bases the classes that it is derived from
   * @param statics members that lie in the image, once for all
   * @param elements how many entries the definition itself has, as {@code dt -v} counts them
   */
  record StructType(
      String name,
      String keyword,
      long size,
      List<Field> fields,
      List<BaseClass> bases,
      List<StaticField> statics,
      int elements) {
    /** A structure without base classes. */
    public StructType(String name, String keyword, long size, List<Field> fields) {
      this(name, keyword, size, fields, List.of(), List.of(), fields.size());
    }

    /** A field by its name. */
    public Optional<Field> field(String fieldName) {
      return fields.stream().filter(f -> f.name().equals(fieldName)).findFirst();
    }
  }

  /**
   * A member of a structure.
   *
   * @param offset bytes from the structure's start
   */
  record Field(String name, long offset, Type type) {}

  /**
   * A class that another one is derived from.
   *
   * @param offset bytes from the derived class's start; of a virtual base the offset of the pointer
   *     by which its place is found at run time
   * @param virtual true if its place is found at run time; its members are not among the fields
   */
  record BaseClass(StructRef type, long offset, boolean virtual) {}

  /**
   * A static member: the symbol {@code owner::name} has its address.
   *
   * @param owner the class that declares it
   */
  record StaticField(String owner, String name, Type type) {}

  /** The type of a field. */
  sealed interface Type {
    /** Bytes. */
    long size();
  }

  /**
   * A number or character type.
   *
   * @param name as {@code dt} prints it, for instance {@code Uint4B}
   * @param spelling as C spells it, for instance {@code unsigned long}
   */
  record Base(String name, long size, boolean signed, String spelling) implements Type {
    /** A type of a source that knows no more than size and kind. */
    public Base(String name, long size, boolean signed) {
      this(name, size, signed, BasicTypes.spelling(name));
    }
  }

  /**
   * A pointer; {@code Ptr32} or {@code Ptr64} by its size.
   *
   * @param toMember true for a pointer to a member of a class, which is an offset or more
   */
  record Pointer(long size, Type target, boolean toMember) implements Type {
    /** A plain pointer. */
    public Pointer(long size, Type target) {
      this(size, target, false);
    }
  }

  /** An array of {@code count} elements. */
  record Array(Type element, long count, long size) implements Type {}

  /** Bits of a number: {@code length} bits from bit {@code position}. */
  record Bits(Type storage, int position, int length) implements Type {
    @Override
    public long size() {
      return storage.size();
    }
  }

  /**
   * A structure by name, to be looked up when it is shown.
   *
   * @param keyword {@code struct}, {@code class} or {@code union}
   * @param name what {@link #struct} finds it by; a {@code #} and what follows tells apart types
   *     that have no name of their own
   */
  record StructRef(String keyword, String name, long size) implements Type {
    /** The name that people see. */
    public String shown() {
      int hash = name.indexOf('#');
      return hash < 0 ? name : name.substring(0, hash);
    }
  }

  /** An enumeration. */
  record EnumType(String name, long size, List<EnumValue> values) implements Type {}

  /** One name of an enumeration. */
  record EnumValue(String name, long value) {}

  /**
   * A function; in structures only ever behind a pointer.
   *
   * @param result empty when the source does not describe functions further
   * @param convention {@code cdecl}, {@code stdcall}, {@code fastcall}, {@code thiscall} or empty
   */
  record FunctionType(Optional<Type> result, List<Type> parameters, String convention)
      implements Type {
    /** A function of which nothing more is known. */
    public FunctionType() {
      this(Optional.empty(), List.of(), "");
    }

    @Override
    public long size() {
      return 0;
    }
  }

  /** No type, or one that the source does not describe. */
  record VoidType(String name) implements Type {
    @Override
    public long size() {
      return 0;
    }
  }

  /** A type as C spells it and as kd writes it, for instance {@code struct _KTHREAD *}. */
  static String spelled(Type type) {
    return switch (type) {
      case Base b -> b.spelling();
      case Pointer p ->
          p.target() instanceof FunctionType f
              ? spelled(f.result().orElse(new VoidType("Void"))) + " <function> *"
              : spelled(p.target()) + (p.target() instanceof Pointer ? "*" : " *");
      case Array a -> spelled(a.element()) + " [" + a.count() + "]";
      case Bits b -> spelled(b.storage());
      case StructRef s -> s.keyword() + " " + s.shown();
      case EnumType e -> "enum " + e.name();
      case FunctionType _ -> "<function>";
      case VoidType v -> v.name().equals("Void") ? "void" : v.name();
    };
  }
}
