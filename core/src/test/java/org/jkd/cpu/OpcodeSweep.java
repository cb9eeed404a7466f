// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.io.ByteArrayOutputStream;

/**
 * Bytes that contain every opcode in many forms, with nops between, for a second decoder to judge.
 */
final class OpcodeSweep {
  private static final int NOPS = 5;
  private static final int[] NO_PREFIX = {};
  private static final int[][] PREFIXES = {NO_PREFIX, {0x66}, {0xf3}, {0xf2}};

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int forms;

  OpcodeSweep(boolean is64) {
    for (int[] prefix : PREFIXES) {
      for (int opcode = 0; opcode < 256; opcode++) {
        if (!isPrefixOrEscape(opcode, is64)) {
          legacy(prefix, new int[] {opcode});
        }
        if (opcode != 0x38 && opcode != 0x3a) {
          legacy(prefix, new int[] {0x0f, opcode});
        }
        legacy(prefix, new int[] {0x0f, 0x38, opcode});
        legacy(prefix, new int[] {0x0f, 0x3a, opcode});
      }
    }
    for (int pp = 0; pp < 4; pp++) {
      for (int w = 0; w < 0x100; w += 0x80) {
        for (int opcode = 0; opcode < 256; opcode++) {
          for (int map = 1; map <= 3; map++) {
            vector(0xc4, 0xe0 | map, w | 0x78 | pp, opcode);
            vector(0xc4, 0xe0 | map, w | 0x6c | pp, opcode);
          }
          for (int map : new int[] {1, 2, 3, 5, 6}) {
            boolean three = (opcode & 1) == 0; // with a second source in vvvv, or without
            vector(0x62, 0xf0 | map, w | (three ? 0x6c : 0x7c) | pp, 0x48, opcode);
            vector(0x62, 0xf0 | map, w | (three ? 0x7c : 0x6c) | pp, 0x28, opcode);
          }
        }
      }
    }
  }

  byte[] code() {
    return out.toByteArray();
  }

  /** How many forms there are, valid or not. */
  int forms() {
    return forms;
  }

  private static boolean isPrefixOrEscape(int opcode, boolean is64) {
    return switch (opcode) {
      case 0x0f,
          0x26,
          0x2e,
          0x36,
          0x3e,
          0x62,
          0x64,
          0x65,
          0x66,
          0x67,
          0xc4,
          0xc5,
          0xf0,
          0xf2,
          0xf3 ->
          true;
      default -> is64 && opcode >> 4 == 4;
    };
  }

  private void legacy(int[] prefix, int[] opcode) {
    int step = opcode.length == 3 ? 5 : 1; // groups exist only in the first two maps
    for (int reg = 0; reg < 8; reg += step) {
      form(prefix, opcode, 0xc1 | reg << 3, 0x11);
      form(prefix, opcode, 0x43 | reg << 3, 0x10, 0x11);
    }
  }

  private void vector(int... bytes) {
    form(NO_PREFIX, bytes, 0xc1, 0x11);
    form(NO_PREFIX, bytes, 0x53, 0x10, 0x11);
  }

  private void form(int[] prefix, int[] bytes, int... rest) {
    for (int[] part : new int[][] {prefix, bytes, rest}) {
      for (int b : part) {
        out.write(b);
      }
    }
    for (int i = 0; i < NOPS; i++) {
      out.write(0x90);
    }
    forms++;
  }
}
