// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

/** A record of the type stream, as far as it is needed to lay out data. Sizes are bytes. */
public sealed interface TypeRecord {
  /** Property bit of structures, unions and enumerations: only a name, defined elsewhere. */
  int FORWARD = 0x80;

  /** const, volatile and unaligned. */
  record Modifier(int type) implements TypeRecord {}

  /** A pointer or reference. */
  record Pointer(int target, int size) implements TypeRecord {}

  /** Some bits of a number. */
  record BitField(int type, int length, int position) implements TypeRecord {}

  /** An array by its size in bytes. */
  record Array(int element, long size) implements TypeRecord {}

  /**
   * A structure, class or union.
   *
   * @param keyword {@code struct}, {@code class} or {@code union}
   * @param properties {@link #FORWARD} and others
   * @param fieldList type index of its members
   */
  record Structure(String keyword, int properties, int fieldList, long size, String name)
      implements TypeRecord {
    /** True when only the name is here. */
    public boolean forward() {
      return (properties & FORWARD) != 0;
    }
  }

  /** An enumeration. */
  record Enumeration(int properties, int underlying, int fieldList, String name)
      implements TypeRecord {
    /** True when only the name is here. */
    public boolean forward() {
      return (properties & FORWARD) != 0;
    }
  }

  /** A function or member function. */
  record Function() implements TypeRecord {}

  /** Any other leaf. */
  record Other(int leaf) implements TypeRecord {}

  /** An entry of a field list. */
  sealed interface Field {}

  /** A data member. */
  record Member(int type, long offset, String name) implements Field {}

  /** A base class, whose members start at an offset. */
  record Base(int type, long offset) implements Field {}

  /** A value of an enumeration. */
  record Enumerator(long value, String name) implements Field {}

  /** The pointer to the table of virtual functions. */
  record VirtualTable(int type) implements Field {}
}
