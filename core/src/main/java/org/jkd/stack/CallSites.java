// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

/** Whether an address can be a return address, by the bytes before it. */
final class CallSites {
  private CallSites() {}

  /** Answers of {@link #before}. */
  enum Verdict {
    /** A call instruction ends here. */
    CALL,
    /** No call instruction ends here. */
    NO_CALL,
    /** The bytes before the address cannot be read. */
    UNKNOWN
  }

  /** Whether the bytes before an address decode as a call that ends there. */
  static Verdict before(StackWords code, long address) {
    if (!code.readable(address - 2, 2)) {
      return Verdict.UNKNOWN;
    }
    if (code.u8(address - 5) == 0xe8) {
      return Verdict.CALL;
    }
    for (int length = 2; length <= 7; length++) {
      if (code.u8(address - length) == 0xff
          && indirectLength(code.u8(address - length + 1), code.u8(address - length + 2))
              == length) {
        return Verdict.CALL;
      }
    }
    return Verdict.NO_CALL;
  }

  /** The length of {@code FF /2} with this ModRM (and SIB) byte, 0 if it is another instruction. */
  private static int indirectLength(int modRm, int sib) {
    if (modRm < 0 || (modRm >> 3 & 7) != 2) {
      return 0;
    }
    int mod = modRm >> 6;
    int rm = modRm & 7;
    if (mod == 3) {
      return 2;
    }
    int length = rm == 4 ? 3 : 2;
    if (mod == 1) {
      return length + 1;
    }
    boolean disp32 = mod == 2 || rm == 5 || rm == 4 && (sib & 7) == 5;
    return disp32 ? length + 4 : length;
  }
}
