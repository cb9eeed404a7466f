// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

/** The words that qualify a type, as a set of bits. */
final class Qualifiers {
  static final int CONST = 1;
  static final int VOLATILE = 2;
  static final int RESTRICT = 4;
  static final int UNALIGNED = 8;

  private Qualifiers() {}
}
