// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/**
 * How one operand is encoded, packed in 16 bits: the method (6 bits), the size of a register (5
 * bits) and the size of memory (5 bits). The opcode tables name methods and sizes by letters, close
 * to those of the processor manuals' opcode maps: {@code Ev} is a register or memory named by
 * modrm.rm whose size follows the operand size, {@code Gb} a byte register named by modrm.reg.
 */
final class OperandCode {
  // Methods. Text in the tables is given beside each.
  static final int NONE = 0;
  static final int E = 1; // general register or memory, modrm.rm
  static final int G = 2; // general register, modrm.reg
  static final int M = 3; // memory only
  static final int R = 4; // general register only, modrm.rm
  static final int Z = 5; // general register, low bits of the opcode
  static final int FIXED = 6; // general register whose number stands in the memory size bits
  static final int FIXED_SEGMENT = 7;
  static final int I = 8; // immediate as wide as its size says (Iz: sign-extended from 32 bits)
  static final int IS = 9; // byte, sign-extended to the size
  static final int CONSTANT = 10; // 1 or 3, in the memory size bits
  static final int J = 11; // relative target
  static final int O = 12; // memory at an address in the instruction
  static final int X = 13; // memory at rsi
  static final int Y = 14; // memory at es:rdi
  static final int S = 15; // segment register, modrm.reg
  static final int C = 16; // control register
  static final int D = 17; // debug register
  static final int T = 18; // test register
  static final int P = 19; // MMX register, modrm.reg
  static final int Q = 20; // MMX register or memory
  static final int N = 21; // MMX register, modrm.rm
  static final int V = 22; // vector register, modrm.reg
  static final int W = 23; // vector register or memory
  static final int U = 24; // vector register, modrm.rm
  static final int H = 25; // vector register, VEX.vvvv
  static final int L = 26; // vector register, high half of an immediate byte
  static final int B = 27; // general register, VEX.vvvv
  static final int KR = 28; // mask register, modrm.reg
  static final int KE = 29; // mask register or memory, modrm.rm
  static final int KV = 30; // mask register, VEX.vvvv
  static final int ST = 31; // top of the x87 stack
  static final int STI = 32; // x87 register, modrm.rm
  static final int A = 33; // far address in the instruction
  static final int MV = 34; // memory with a vector as index
  static final int I2 = 35; // second immediate
  static final int BNR = 36; // bound register, modrm.reg
  static final int BNE = 37; // bound register or memory
  static final int XL = 38; // memory at rbx + al
  static final int DI = 39; // memory at rdi in the data segment (maskmovq)
  static final int KU = 40; // mask register only, modrm.rm
  static final int TR = 41; // tile register, modrm.reg
  static final int TU = 42; // tile register, modrm.rm
  static final int TV = 43; // tile register, VEX.vvvv
  static final int XMM0 = 44; // the first vector register, not encoded

  // Sizes.
  static final int SIZE_NONE = 0;
  static final int SIZE_B = 1;
  static final int SIZE_W = 2;
  static final int SIZE_D = 3;
  static final int SIZE_Q = 4;
  static final int SIZE_O = 5; // 16 bytes
  static final int SIZE_K = 6; // 32 bytes
  static final int SIZE_L = 7; // 64 bytes
  static final int SIZE_T = 8; // 10 bytes
  static final int SIZE_V = 9; // operand size: 2, 4 or 8
  static final int SIZE_Y = 10; // 4, or 8 with REX.W
  static final int SIZE_Z = 11; // 2 or 4
  static final int SIZE_N = 12; // 4 in 32-bit code, 8 in 64-bit code
  static final int SIZE_P = 13; // far pointer: 2 + operand size
  static final int SIZE_S = 14; // descriptor table register: 2 + pointer
  static final int SIZE_A = 15; // not said by the instruction
  static final int SIZE_X = 16; // vector length: 16, 32 or 64
  static final int SIZE_H = 17; // half the vector length
  static final int SIZE_F = 18; // quarter of it
  static final int SIZE_E = 19; // eighth of it
  static final int SIZE_M = 20; // 8 for a 16-byte vector, otherwise the vector length (vmovddup)

  private static final String SIZES = " bwdqokltvyznpsaxhfem";
  private static final String[] METHODS = {
    "", "E", "G", "M", "R", "Z", "", "", "I", "Is", "1", "J", "O", "X", "Y", "S", "C", "D", "T",
    "P", "Q", "N", "V", "W", "U", "H", "L", "B", "Kr", "Ke", "Kv", "st", "STi", "A", "Mv", "I2",
    "BNr", "BNE", "XL", "DI", "Ku", "Tr", "Tu", "Tv"
  };
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

  private OperandCode() {}

  static int method(int code) {
    return code >>> 10;
  }

  static int registerSize(int code) {
    return code >>> 5 & 31;
  }

  static int memorySize(int code) {
    return code & 31;
  }

  /** Reads the notation of the opcode tables. */
  static int parse(String text) {
    switch (text) {
      case "al":
        return pack(FIXED, SIZE_B, 0);
      case "cl":
        return pack(FIXED, SIZE_B, 1);
      case "ax":
        return pack(FIXED, SIZE_W, 0);
      case "dx":
        return pack(FIXED, SIZE_W, 2);
      case "eAX":
        return pack(FIXED, SIZE_Z, 0);
      case "rAX":
        return pack(FIXED, SIZE_V, 0);
      case "1":
        return pack(CONSTANT, SIZE_B, 1);
      case "3":
        return pack(CONSTANT, SIZE_B, 3);
      case "xmm0":
        return pack(XMM0, SIZE_O, 0);
      case "st":
        return pack(ST, SIZE_T, 0);
      case "STi":
        return pack(STI, SIZE_T, 0);
      default:
        break;
    }
    for (int i = 0; i < SEGMENTS.length; i++) {
      if (SEGMENTS[i].equals(text)) {
        return pack(FIXED_SEGMENT, SIZE_W, i);
      }
    }
    int best = 0;
    for (int i = 1; i < METHODS.length; i++) {
      if (text.startsWith(METHODS[i])
          && METHODS[i].length() > METHODS[best].length()
          && METHODS[i].length() < text.length()) {
        best = i;
      }
    }
    String sizes = text.substring(METHODS[best].length());
    int register = SIZES.indexOf(sizes.charAt(0));
    int memory = sizes.length() > 1 ? SIZES.indexOf(sizes.charAt(1)) : register;
    if (best == 0 || register <= 0 || memory <= 0 || sizes.length() > 2) {
      throw new IllegalStateException("operand in the opcode table: " + text);
    }
    return pack(best, register, memory);
  }

  private static int pack(int method, int register, int memory) {
    return method << 10 | register << 5 | memory;
  }
}
