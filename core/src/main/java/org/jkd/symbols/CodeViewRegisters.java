// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.List;
import org.jkd.pdb.Variable;

/** The numbers that CodeView gives registers (CV_HREG_e of cvconst.h). */
final class CodeViewRegisters {
  private static final int AMD64 = 0x8664;

  /** From number 1 on, the same on x86 and x64. */
  private static final List<String> FIRST =
      List.of(
          "al", "cl", "dl", "bl", "ah", "ch", "dh", "bh", "ax", "cx", "dx", "bx", "sp", "bp", "si",
          "di", "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "es", "cs", "ss", "ds",
          "fs", "gs");

  private static final List<String> WIDE =
      List.of("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp");

  private CodeViewRegisters() {}

  /** A register's name; for numbers that are not known {@code cv} and the number. */
  static String name(int machine, int number) {
    if (number == Variable.VFRAME) {
      return LocalVariable.VIRTUAL_FRAME;
    }
    if (number >= 1 && number <= FIRST.size()) {
      return FIRST.get(number - 1);
    }
    if (number >= 128 && number <= 135) {
      return "st" + (number - 128);
    }
    // The low halves of vector registers hold floating-point numbers.
    if (number >= 194 && number <= 201) {
      return "xmm" + (number - 194);
    }
    if (machine == AMD64) {
      if (number >= 292 && number <= 299) {
        return "xmm" + (number - 292 + 8);
      }
      if (number >= 154 && number <= 161) {
        return "xmm" + (number - 154);
      }
      if (number >= 252 && number <= 259) {
        return "xmm" + (number - 252 + 8);
      }
      if (number >= 324 && number <= 327) {
        return List.of("sil", "dil", "bpl", "spl").get(number - 324);
      }
      if (number >= 328 && number <= 335) {
        return WIDE.get(number - 328);
      }
      if (number >= 336 && number <= 367) {
        return "r" + (8 + (number - 336) % 8) + List.of("", "b", "w", "d").get((number - 336) / 8);
      }
    } else if (number >= 154 && number <= 161) {
      return "xmm" + (number - 154);
    }
    return "cv" + number;
  }

  /**
   * The base of a frame, as S_FRAMEPROC numbers it.
   *
   * @param code 1 the virtual frame or stack pointer, 2 EBP or RBP, 3 EBX or R13
   */
  static String base(int machine, int code) {
    boolean wide = machine == AMD64;
    return switch (code) {
      case 1 -> wide ? "rsp" : LocalVariable.VIRTUAL_FRAME;
      case 2 -> wide ? "rbp" : "ebp";
      case 3 -> wide ? "r13" : "ebx";
      default -> "";
    };
  }
}
