// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

/** The kinds of symbol records that are read here, by their names in Microsoft's cvinfo.h. */
public final class CodeView {
  public static final int S_END = 0x0006;
  public static final int S_FRAMEPROC = 0x1012;
  public static final int S_THUNK32 = 0x1102;
  public static final int S_LABEL32 = 0x1105;
  public static final int S_UDT = 0x1108;
  public static final int S_LDATA32 = 0x110c;
  public static final int S_GDATA32 = 0x110d;
  public static final int S_PUB32 = 0x110e;
  public static final int S_LPROC32 = 0x110f;
  public static final int S_GPROC32 = 0x1110;
  public static final int S_LTHREAD32 = 0x1112;
  public static final int S_GTHREAD32 = 0x1113;
  public static final int S_TRAMPOLINE = 0x112c;
  public static final int S_SEPCODE = 0x1132;
  public static final int S_LPROC32_ID = 0x1146;
  public static final int S_GPROC32_ID = 0x1147;

  static final int S_BLOCK32 = 0x1103;
  static final int S_REGISTER = 0x1106;
  static final int S_BPREL32 = 0x110b;
  static final int S_REGREL32 = 0x1111;
  static final int S_LOCAL = 0x113e;
  static final int S_DEFRANGE_REGISTER = 0x1141;
  static final int S_DEFRANGE_FRAMEPOINTER_REL = 0x1142;
  static final int S_DEFRANGE_SUBFIELD_REGISTER = 0x1143;
  static final int S_DEFRANGE_FRAMEPOINTER_REL_FULL_SCOPE = 0x1144;
  static final int S_DEFRANGE_REGISTER_REL = 0x1145;
  static final int S_PROCREF = 0x1125;
  static final int S_LPROCREF = 0x1127;
  static final int S_INLINESITE = 0x114d;
  static final int S_INLINESITE_END = 0x114e;
  static final int S_PROC_ID_END = 0x114f;
  static final int S_INLINESITE2 = 0x115d;

  /** Flag of S_PUB32: code. */
  public static final int PUB_CODE = 1;

  /** Flag of S_PUB32: a function. */
  public static final int PUB_FUNCTION = 2;

  // The same records with a length byte in front of the name, of compilers before Visual C++ 7.
  static final int S_THUNK32_ST = 0x0206;
  static final int S_LABEL32_ST = 0x0209;
  static final int S_LDATA32_ST = 0x1007;
  static final int S_GDATA32_ST = 0x1008;
  static final int S_PUB32_ST = 0x1009;
  static final int S_LPROC32_ST = 0x100a;
  static final int S_GPROC32_ST = 0x100b;

  private CodeView() {}

  /** True for the four kinds of procedure records. */
  public static boolean isProcedure(int kind) {
    return kind == S_LPROC32
        || kind == S_GPROC32
        || kind == S_LPROC32_ID
        || kind == S_GPROC32_ID
        || kind == S_LPROC32_ST
        || kind == S_GPROC32_ST;
  }

  /** True for names with a length byte in front instead of a NUL behind. */
  static boolean pascalName(int kind) {
    return kind == S_PUB32_ST
        || kind == S_LPROC32_ST
        || kind == S_GPROC32_ST
        || kind == S_LDATA32_ST
        || kind == S_GDATA32_ST
        || kind == S_THUNK32_ST
        || kind == S_LABEL32_ST;
  }

  /** Where the name starts, in bytes from the record's start (its length field). */
  static int nameOffset(int kind) {
    if (isProcedure(kind)) {
      return 4 + 35;
    }
    return switch (kind) {
      case S_THUNK32, S_THUNK32_ST -> 4 + 21;
      case S_LABEL32, S_LABEL32_ST -> 4 + 7;
      default -> 4 + 10;
    };
  }
}
