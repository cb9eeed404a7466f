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

  /** The complete definition of a structure, class or union, for instance {@code _KTHREAD}. */
  Optional<StructType> struct(String name);

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
   */
  record StructType(String name, String keyword, long size, List<Field> fields) {
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

  /** The type of a field. */
  sealed interface Type {
    /** Bytes. */
    long size();
  }

  /**
   * A number or character type.
   *
   * @param name as {@code dt} prints it, for instance {@code Uint4B}
   */
  record Base(String name, long size, boolean signed) implements Type {}

  /** A pointer; {@code Ptr32} or {@code Ptr64} by its size. */
  record Pointer(long size, Type target) implements Type {}

  /** An array of {@code count} elements. */
  record Array(Type element, long count, long size) implements Type {}

  /** Bits of a number: {@code length} bits from bit {@code position}. */
  record Bits(Type storage, int position, int length) implements Type {
    @Override
    public long size() {
      return storage.size();
    }
  }

  /** A structure by name, to be looked up when it is shown. */
  record StructRef(String name, long size) implements Type {}

  /** An enumeration. */
  record EnumType(String name, long size, List<EnumValue> values) implements Type {}

  /** One name of an enumeration. */
  record EnumValue(String name, long value) {}

  /** A function; only ever behind a pointer. */
  record FunctionType() implements Type {
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
}
