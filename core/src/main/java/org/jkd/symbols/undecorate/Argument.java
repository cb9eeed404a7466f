// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An argument of a template; types are arguments themselves. */
sealed interface Argument permits Type, Argument.Template, Argument.Number, Argument.Reference {
  /** A template by its name. */
  record Template(Qualified name) implements Argument {}

  /** A number of 64 bits, with its sign beside it. */
  record Number(long magnitude, boolean negative) implements Argument {}

  /**
   * A function or variable, or the place of a member.
   *
   * @param symbol null when only offsets are given, or nothing
   * @param address true when it is a pointer to it
   * @param offsets of pointers to members of classes with several bases
   */
  record Reference(@Nullable Declared symbol, boolean address, List<Long> offsets)
      implements Argument {}
}
