// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;

/** What an expression may ask of the session that it is evaluated in. */
public interface ExpressionContext {
  /** The architecture; it decides the width of pointers and which register names exist. */
  Arch arch();

  /** True for a kernel target: there, bare 32-bit constants are sign-extended. */
  boolean kernelMode();

  /** The default radix of unprefixed numbers: 8, 10 or 16. */
  int radix();

  /** The value of a register or flag by its name without {@code @}, zero-extended. */
  OptionalLong register(String name);

  /** The value of a pseudo-register by its name with the dollar sign, for instance {@code $ip}. */
  OptionalLong pseudoRegister(String name);

  /**
   * The address of {@code module!name}, of a name in any module, or the base of a module by its
   * bare name.
   */
  OptionalLong symbol(String name);

  /** A little-endian number of 1, 2, 4 or 8 bytes of virtual memory. */
  OptionalLong read(long address, int size);

  /** A little-endian number of 1, 2, 4 or 8 bytes of physical memory. */
  OptionalLong readPhysical(long address, int size);

  /**
   * Where a source line begins.
   *
   * @param module the module's name, or empty for any
   * @param file the file's name; its folders may be left out
   */
  default OptionalLong line(String module, String file, int line) {
    return OptionalLong.empty();
  }

  /** True if expressions are C++ unless they say otherwise. */
  default boolean isCxx() {
    return false;
  }

  /** A type by {@code module!name} or a name alone. */
  default Optional<CxxType> cxxType(String name) {
    return Optional.empty();
  }

  /** A variable, enumerator or, with {@code @} in front, a register or pseudo-register. */
  default Optional<CxxValue> cxxName(String name) {
    return Optional.empty();
  }
}
