// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import org.jkd.cpu.Register;

/**
 * Abstract values of registers and stack slots, packed into a {@code long} so that a state is two
 * small arrays: the kind in the top byte, a signed 56-bit payload below.
 *
 * <p>Stack addresses are relative to the slot of the function's return address: {@code stack(0)} is
 * that slot, {@code stack(-4)} the word pushed first, {@code stack(4)} the first argument.
 */
final class Value {
  /** Could be anything. */
  static final long TOP = 0;

  private static final int KIND_SHIFT = 56;
  private static final long KIND_CONST = 1;
  private static final long KIND_STACK = 2;
  private static final long KIND_ALIGNED = 3;
  private static final long KIND_ENTRY = 4;
  private static final long KIND_RETURN = 5;
  private static final long KIND_POINTEE = 6;
  private static final long PAYLOAD = (1L << KIND_SHIFT) - 1;

  private Value() {}

  /** A number that is known. Numbers wider than the payload are not tracked. */
  static long constant(long n) {
    return payload(n) == n ? make(KIND_CONST, n) : TOP;
  }

  /** The address {@code offset} bytes above the return-address slot. */
  static long stack(long offset) {
    return make(KIND_STACK, offset);
  }

  /** The address {@code offset} bytes above what ESP was after it was aligned. */
  static long aligned(long offset) {
    return make(KIND_ALIGNED, offset);
  }

  /** The value that a register had when the function was entered. */
  static long entry(int register) {
    return make(KIND_ENTRY, register);
  }

  /** The function's own return address. */
  static long returnAddress() {
    return make(KIND_RETURN, 0);
  }

  /** The pointer-sized number at a fixed address of memory, for instance in an import table. */
  static long pointee(long address) {
    return payload(address) == address ? make(KIND_POINTEE, address) : TOP;
  }

  static boolean isConstant(long v) {
    return v >>> KIND_SHIFT == KIND_CONST;
  }

  static boolean isStack(long v) {
    return v >>> KIND_SHIFT == KIND_STACK;
  }

  static boolean isAligned(long v) {
    return v >>> KIND_SHIFT == KIND_ALIGNED;
  }

  static boolean isEntry(long v) {
    return v >>> KIND_SHIFT == KIND_ENTRY;
  }

  static boolean isReturnAddress(long v) {
    return v >>> KIND_SHIFT == KIND_RETURN;
  }

  static boolean isPointee(long v) {
    return v >>> KIND_SHIFT == KIND_POINTEE;
  }

  /** The number, offset, address or register number inside a value. */
  static long payload(long v) {
    return v << (64 - KIND_SHIFT) >> (64 - KIND_SHIFT);
  }

  /** The value plus a number; {@link #TOP} where that has no meaning. */
  static long plus(long v, long n) {
    if (n == 0) {
      return v;
    }
    long kind = v >>> KIND_SHIFT;
    return kind == KIND_CONST || kind == KIND_STACK || kind == KIND_ALIGNED
        ? make(kind, payload(v) + n)
        : TOP;
  }

  /** The sum of two values. */
  static long plusValue(long a, long b) {
    if (isConstant(b)) {
      return plus(a, payload(b));
    }
    return isConstant(a) ? plus(b, payload(a)) : TOP;
  }

  /** The difference of two values. */
  static long minusValue(long a, long b) {
    if (isConstant(b)) {
      return plus(a, -payload(b));
    }
    if (isStack(a) && isStack(b) || isAligned(a) && isAligned(b)) {
      return constant(payload(a) - payload(b));
    }
    return TOP;
  }

  static String text(long v) {
    if (isConstant(v)) {
      return Long.toHexString(payload(v));
    }
    if (isStack(v)) {
      return "RA" + signed(payload(v));
    }
    if (isAligned(v)) {
      return "A" + signed(payload(v));
    }
    if (isEntry(v)) {
      return Register.values()[(int) payload(v)] + "0";
    }
    if (isReturnAddress(v)) {
      return "[RA]";
    }
    return isPointee(v) ? "[" + Long.toHexString(payload(v)) + "]" : "?";
  }

  private static String signed(long n) {
    return n < 0 ? "-" + Long.toHexString(-n) : "+" + Long.toHexString(n);
  }

  private static long make(long kind, long payload) {
    return kind << KIND_SHIFT | payload & PAYLOAD;
  }
}
