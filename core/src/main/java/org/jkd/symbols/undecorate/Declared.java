// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a whole decorated name declares. */
sealed interface Declared {
  /**
   * A function.
   *
   * @param access {@code public}, {@code protected}, {@code private} or empty
   * @param type null of functions of C, whose type is not part of the name
   * @param thunk how a thunk changes {@code this}; null of what is no thunk
   */
  record Function(
      Qualified name,
      String access,
      boolean isStatic,
      boolean isVirtual,
      boolean externC,
      Type.@Nullable Function type,
      @Nullable Thunk thunk)
      implements Declared {}

  /**
   * A thunk.
   *
   * @param kind {@code adjustor}, {@code vtordisp}, {@code vtordispex}, or empty when it changes
   *     nothing
   * @param convention of a thunk without a type
   */
  record Thunk(String kind, List<Long> offsets, String convention) {}

  /**
   * A variable.
   *
   * @param access of a static member, else empty
   * @param type null of what the compiler makes
   */
  record Variable(Qualified name, String access, @Nullable Type type) implements Declared {}

  /**
   * A table of virtual functions or bases.
   *
   * @param target the base for which it is, else null
   */
  record Table(Qualified name, int qualifiers, @Nullable Qualified target) implements Declared {}

  /** The description of a type at run time, {@code what} in backquotes. */
  record OfType(Type type, String what) implements Declared {}

  /**
   * A string.
   *
   * @param prefix {@code L}, {@code u}, {@code U} or empty
   * @param text escaped
   * @param tag of its compiland in links with code generation at link time, else empty
   */
  record Text(String prefix, String text, boolean truncated, String tag) implements Declared {}

  /** A name that was too long: its MD5 sum. */
  record Md5(String text) implements Declared {}
}
