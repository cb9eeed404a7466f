// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

/** How a name is written. */
enum Style {
  /** Whole declarations, as {@code llvm-undname} prints them. */
  DECLARATION,
  /**
   * Names in their scopes, as kd shows them: without access, type and parameters, without {@code
   * class} and the like, no blank behind a comma, {@code > >}, and what compilers make in
   * Microsoft's words.
   */
  NAME
}
