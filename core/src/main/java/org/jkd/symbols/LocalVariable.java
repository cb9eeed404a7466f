// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.List;
import org.jkd.pdb.Variable;

/**
 * A parameter or local variable.
 *
 * @param places where it is at the address that was asked about: one for the whole, several for its
 *     parts, none when it is kept nowhere there
 */
public record LocalVariable(String name, Types.Type type, boolean parameter, List<Place> places) {
  /** The register that stands for the virtual frame of x86: the address of the return address. */
  public static final String VIRTUAL_FRAME = "$vframe";

  /** The part that is no part: all of the variable. */
  public static final int WHOLE = Variable.WHOLE;

  /** Where a variable is, or a part of it. */
  public sealed interface Place {
    /** Bytes from the variable's start, or {@link #WHOLE}. */
    int part();
  }

  /**
   * In a register.
   *
   * @param register its name in lower case, for instance {@code ecx}
   */
  public record InRegister(String register, int part) implements Place {}

  /** In memory at a register plus an offset in bytes. */
  public record Relative(String register, long offset, int part) implements Place {}

  /** In the image. */
  public record Static(long rva, int part) implements Place {}
}
