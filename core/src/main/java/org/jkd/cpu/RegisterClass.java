// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/** The families of registers that instructions name; a register is a class and a number. */
public enum RegisterClass {
  /** al, cl, dl, bl, spl … r15b. */
  GPR8,
  /** ah, ch, dh, bh: the number is that of the register which holds it, 0 to 3. */
  GPR8_HIGH,
  GPR16,
  GPR32,
  GPR64,
  /** es 0, cs 1, ss 2, ds 3, fs 4, gs 5. */
  SEGMENT,
  CONTROL,
  DEBUG,
  TEST,
  X87,
  MMX,
  XMM,
  YMM,
  ZMM,
  MASK,
  BOUND,
  TILE;

  /** True for a general register or a part of one. */
  public boolean isGeneral() {
    return ordinal() <= GPR64.ordinal();
  }
}
