// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.Optional;

/**
 * Undecorates the C++ names of Microsoft's compilers and of those that are compatible with them.
 *
 * <p>The layout of these names was never published by Microsoft; it is known from the mangler of
 * clang and from the tables in Agner Fog's "Calling conventions for different C++ compilers".
 */
public final class Undecorator {
  private Undecorator() {}

  /**
   * The whole declaration, as {@code llvm-undname} prints it: {@code void __cdecl f(int)}.
   *
   * @return empty when the text is no decorated name, or nests too deep, or would become too long
   */
  public static Optional<String> declaration(String decorated) {
    return print(decorated, Style.DECLARATION);
  }

  /**
   * The name in its scopes alone, as kd shows it in stacks: {@code A<int>::f}.
   *
   * @return empty as above
   */
  public static Optional<String> name(String decorated) {
    return print(decorated, Style.NAME);
  }

  private static Optional<String> print(String decorated, Style style) {
    try {
      Declared read = new SymbolReader(new Scan(decorated)).symbol();
      String printed = new Printer(style).print(read);
      return printed.isEmpty() ? Optional.empty() : Optional.of(printed);
    } catch (Unreadable e) {
      return Optional.empty();
    }
  }
}
