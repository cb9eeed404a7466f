// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/** Names of registers in instructions. */
public final class RegisterNames {
  private static final String[] LEGACY = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs", "?s", "?s"};
  private static final String[] LOW = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] HIGH = {"ah", "ch", "dh", "bh"};
  private static final String[][] NAMES = new String[RegisterClass.values().length][32];

  static {
    for (RegisterClass c : RegisterClass.values()) {
      for (int i = 0; i < 32; i++) {
        NAMES[c.ordinal()][i] = make(c, i);
      }
    }
  }

  private RegisterNames() {}

  /** The name of a register, for example {@code esp} for GPR32 and 4. */
  public static String name(RegisterClass c, int number) {
    return NAMES[c.ordinal()][number];
  }

  private static String make(RegisterClass c, int n) {
    return switch (c) {
      case GPR8 -> n < 8 ? LOW[n] : "r" + n + "b";
      case GPR8_HIGH -> HIGH[n & 3];
      case GPR16 -> n < 8 ? LEGACY[n] : "r" + n + "w";
      case GPR32 -> n < 8 ? "e" + LEGACY[n] : "r" + n + "d";
      case GPR64 -> n < 8 ? "r" + LEGACY[n] : "r" + n;
      case SEGMENT -> SEGMENTS[n & 7];
      case CONTROL -> "cr" + n;
      case DEBUG -> "dr" + n;
      case TEST -> "tr" + n;
      case X87 -> "st(" + n + ")";
      case MMX -> "mm" + n;
      case XMM -> "xmm" + n;
      case YMM -> "ymm" + n;
      case ZMM -> "zmm" + n;
      case MASK -> "k" + n;
      case BOUND -> "bnd" + n;
      case TILE -> "tmm" + n;
    };
  }
}
