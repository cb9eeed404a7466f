// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import org.jspecify.annotations.Nullable;

/**
 * The attributes of an entry that are wanted. Values stand as they were read; {@link Unit} knows
 * what they mean.
 */
final class Entry {
  /** DW_AT: attributes. */
  static final int LOCATION = 0x02;

  static final int NAME = 0x03;
  static final int STMT_LIST = 0x10;
  static final int LOW_PC = 0x11;
  static final int HIGH_PC = 0x12;
  static final int COMP_DIR = 0x1b;
  static final int BYTE_SIZE = 0x0b;
  static final int BIT_OFFSET = 0x0c;
  static final int BIT_SIZE = 0x0d;
  static final int CONST_VALUE = 0x1c;
  static final int UPPER_BOUND = 0x2f;
  static final int COUNT = 0x37;
  static final int MEMBER_LOCATION = 0x38;
  static final int ENCODING = 0x3e;
  static final int TYPE = 0x49;
  static final int DATA_BIT_OFFSET = 0x6b;
  static final int ABSTRACT_ORIGIN = 0x31;
  static final int DECLARATION = 0x3c;
  static final int SPECIFICATION = 0x47;
  static final int RANGES = 0x55;
  static final int CALL_FILE = 0x58;
  static final int CALL_LINE = 0x59;
  static final int LINKAGE_NAME = 0x6e;
  static final int STR_OFFSETS_BASE = 0x72;
  static final int ADDR_BASE = 0x73;
  static final int RNGLISTS_BASE = 0x74;
  static final int MIPS_LINKAGE_NAME = 0x2007;

  /** DW_TAG: kinds of entries. */
  static final int TAG_CLASS = 0x02;

  static final int TAG_ARRAY = 0x01;
  static final int TAG_ENUM = 0x04;
  static final int TAG_MEMBER = 0x0d;
  static final int TAG_POINTER = 0x0f;
  static final int TAG_REFERENCE = 0x10;
  static final int TAG_FUNCTION_TYPE = 0x15;
  static final int TAG_TYPEDEF = 0x16;
  static final int TAG_INHERITANCE = 0x1c;
  static final int TAG_MEMBER_POINTER = 0x1f;
  static final int TAG_SUBRANGE = 0x21;
  static final int TAG_BASE = 0x24;
  static final int TAG_CONST = 0x26;
  static final int TAG_ENUMERATOR = 0x28;
  static final int TAG_VOLATILE = 0x35;
  static final int TAG_RESTRICT = 0x37;
  static final int TAG_RVALUE_REFERENCE = 0x42;
  static final int TAG_ATOMIC = 0x47;
  static final int TAG_STRUCTURE = 0x13;
  static final int TAG_UNION = 0x17;
  static final int TAG_INLINED = 0x1d;
  static final int TAG_SUBPROGRAM = 0x2e;
  static final int TAG_VARIABLE = 0x34;
  static final int TAG_NAMESPACE = 0x39;

  private static final int KEPT = 16;

  private final int[] names = new int[KEPT];
  private final int[] forms = new int[KEPT];
  private final long[] values = new long[KEPT];
  private int count;

  /** Where the entry stands in the section. */
  long offset;

  /** What it is; null at the end of a list of siblings. */
  Abbreviations.@Nullable Kind kind;

  void begin(long place, Abbreviations.@Nullable Kind of) {
    offset = place;
    kind = of;
    count = 0;
  }

  static boolean isWanted(int name) {
    return switch (name) {
      case LOCATION,
          NAME,
          STMT_LIST,
          LOW_PC,
          HIGH_PC,
          COMP_DIR,
          BYTE_SIZE,
          BIT_OFFSET,
          BIT_SIZE,
          CONST_VALUE,
          UPPER_BOUND,
          COUNT,
          MEMBER_LOCATION,
          ENCODING,
          TYPE,
          DATA_BIT_OFFSET,
          ABSTRACT_ORIGIN,
          DECLARATION,
          SPECIFICATION,
          RANGES,
          CALL_FILE,
          CALL_LINE,
          LINKAGE_NAME,
          STR_OFFSETS_BASE,
          ADDR_BASE,
          RNGLISTS_BASE,
          MIPS_LINKAGE_NAME ->
          true;
      default -> false;
    };
  }

  void put(int name, int form, long value) {
    if (count < KEPT && isWanted(name)) {
      names[count] = name;
      forms[count] = form;
      values[count++] = value;
    }
  }

  /** The place of an attribute, to be given to {@link #form} and {@link #value}; −1 without it. */
  int find(int name) {
    for (int i = 0; i < count; i++) {
      if (names[i] == name) {
        return i;
      }
    }
    return -1;
  }

  int form(int place) {
    return forms[place];
  }

  long value(int place) {
    return values[place];
  }

  int tag() {
    return kind == null ? 0 : kind.tag();
  }
}
