// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A type. Every type carries {@link Qualifiers}. */
sealed interface Type extends Argument {
  int qualifiers();

  /** The same type with other qualifiers instead of its own. */
  Type with(int qualifiers);

  /** The same type with further qualifiers. */
  default Type plus(int qualifiers) {
    int all = qualifiers() | qualifiers;
    return all == qualifiers() ? this : with(all);
  }

  /** A type of the language itself. */
  record Primitive(String word, int qualifiers) implements Type {
    @Override
    public Type with(int other) {
      return new Primitive(word, other);
    }
  }

  /**
   * A class, struct, union or enum.
   *
   * @param keyword which of them
   */
  record Tag(String keyword, Qualified name, int qualifiers) implements Type {
    @Override
    public Type with(int other) {
      return new Tag(keyword, name, other);
    }
  }

  /**
   * A pointer or reference.
   *
   * @param sign {@code *}, {@code &} or {@code &&}
   * @param member the class of a pointer to a member, else null
   */
  record Pointer(String sign, Type pointee, @Nullable Qualified member, int qualifiers)
      implements Type {
    @Override
    public Type with(int other) {
      return new Pointer(sign, pointee, member, other);
    }
  }

  /**
   * An array.
   *
   * @param dimensions elements per dimension, unsigned; 0 when it is not said
   */
  record Array(List<Long> dimensions, Type element, int qualifiers) implements Type {
    @Override
    public Type with(int other) {
      return new Array(dimensions, element, other);
    }
  }

  /**
   * A function.
   *
   * @param convention as it is written, for instance {@code __cdecl}
   * @param result null of constructors and destructors
   * @param reference {@code &} or {@code &&} behind the parameters, else empty
   * @param qualifiers of {@code this}
   */
  record Function(
      String convention,
      @Nullable Type result,
      List<Type> parameters,
      boolean variadic,
      boolean noexcept,
      String reference,
      int qualifiers)
      implements Type {
    @Override
    public Type with(int other) {
      return new Function(convention, result, parameters, variadic, noexcept, reference, other);
    }
  }

  /** A type whose name is written without saying what it is. */
  record Custom(Name name, int qualifiers) implements Type {
    @Override
    public Type with(int other) {
      return new Custom(name, other);
    }
  }
}
