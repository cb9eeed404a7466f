// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.List;

/** A record of the type stream, as far as it is needed to lay out data. Sizes are bytes. */
public sealed interface TypeRecord {
  /** Property bit of structures, unions and enumerations: only a name, defined elsewhere. */
  int FORWARD = 0x80;

  /** Property bit: the full name of the compiler follows the name, see {@link Structure#unique}. */
  int HAS_UNIQUE_NAME = 0x200;

  /**
   * const, volatile and unaligned.
   *
   * @param flags 1 const, 2 volatile, 4 unaligned
   */
  record Modifier(int type, int flags) implements TypeRecord {}

  /**
   * A pointer or reference.
   *
   * @param mode 0 pointer, 1 reference, 2 to a data member, 3 to a member function, 4 reference to
   *     a temporary
   */
  record Pointer(int target, int size, int mode) implements TypeRecord {}

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
   * @param unique the decorated name, which tells apart what is defined in different scopes under
   *     one name; empty when the compiler gave none
   */
  record Structure(
      String keyword, int properties, int fieldList, long size, String name, String unique)
      implements TypeRecord {
    /** True when only the name is here. */
    public boolean forward() {
      return (properties & FORWARD) != 0;
    }
  }

  /** An enumeration; the parameters are those of {@link Structure}. */
  record Enumeration(int properties, int underlying, int fieldList, String name, String unique)
      implements TypeRecord {
    /** True when only the name is here. */
    public boolean forward() {
      return (properties & FORWARD) != 0;
    }
  }

  /**
   * A function or member function.
   *
   * @param convention 0 cdecl, 4 fastcall, 7 stdcall, 11 thiscall, others of cvinfo.h's CV_call_e
   * @param arguments type index of an {@link Arguments}
   * @param self the type of {@code this}; 0 without one
   */
  record Function(int result, int convention, int arguments, int self) implements TypeRecord {}

  /** The types of a function's parameters. */
  record Arguments(List<Integer> types) implements TypeRecord {}

  /**
   * A function by its name, in the stream of identifiers.
   *
   * @param scope of a member function the class, a type index; of others the index of a name in the
   *     same stream, or 0
   * @param member true for a member function
   */
  record FunctionId(int scope, int type, String name, boolean member) implements TypeRecord {}

  /** A text in the stream of identifiers, for instance the name of a namespace. */
  record Text(String text) implements TypeRecord {}

  /** The form of a table of virtual functions; classes point at one. */
  record VirtualTableShape() implements TypeRecord {}

  /** Any other leaf. */
  record Other(int leaf) implements TypeRecord {}

  /** An entry of a field list. */
  sealed interface Field {}

  /** A data member. */
  record Member(int type, long offset, String name) implements Field {}

  /** A data member that lies in the image, once for all. */
  record StaticMember(int type, String name) implements Field {}

  /** A base class, whose members start at an offset. */
  record Base(int type, long offset) implements Field {}

  /**
   * A virtual base class, whose place is found at run time.
   *
   * @param pointerOffset where the pointer to the table of places lies
   * @param slot the entry in that table
   * @param direct false for one that was inherited
   */
  record VirtualBase(int type, long pointerOffset, long slot, boolean direct) implements Field {}

  /** A member function; of overloaded ones the first stands for all. */
  record Method(int type, String name) implements Field {}

  /** A value of an enumeration. */
  record Enumerator(long value, String name) implements Field {}

  /** The pointer to the table of virtual functions. */
  record VirtualTable(int type) implements Field {}
}
