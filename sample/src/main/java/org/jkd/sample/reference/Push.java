// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

/** What a caller pushes for one argument. */
sealed interface Push {
  /** One of its own arguments on the stack, from 0. */
  record Parameter(int index) implements Push {}

  /** A saved register: 3 ebx, 6 esi, 7 edi. */
  record Saved(int register) implements Push {}

  /** A small constant. */
  record Constant(int value) implements Push {}

  /** A local. */
  record Local(int displacement) implements Push {}

  /** The address of a local. */
  record LocalAddress(int displacement) implements Push {}

  /** A register whose content nobody keeps: 0 eax, 1 ecx, 2 edx. */
  record Scratch(int register) implements Push {}

  /** Bytes of its instructions. */
  default int length() {
    return switch (this) {
      case Parameter parameter -> 3;
      case Saved saved -> 1;
      case Constant constant -> 2;
      case Local local -> local.displacement() >= -128 ? 3 : 6;
      case LocalAddress address -> address.displacement() >= -128 ? 4 : 7;
      case Scratch scratch -> 1;
    };
  }
}
