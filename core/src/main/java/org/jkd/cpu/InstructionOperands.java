// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/** Answers questions about operands from the fields that the decoder noted. */
final class InstructionOperands {
  private static final int MAX_TABLE = 45;
  // 0 is a register.
  private static final int K_EITHER = 1;
  private static final int K_MEMORY = 2;
  private static final int K_IMMEDIATE = 3;
  private static final int K_RELATIVE = 4;
  private static final int K_FAR = 5;
  private static final byte[] KIND = new byte[MAX_TABLE];

  static {
    for (int m :
        new int[] {OperandCode.E, OperandCode.Q, OperandCode.W, OperandCode.KE, OperandCode.BNE}) {
      KIND[m] = K_EITHER;
    }
    for (int m :
        new int[] {
          OperandCode.M,
          OperandCode.MV,
          OperandCode.O,
          OperandCode.X,
          OperandCode.Y,
          OperandCode.XL,
          OperandCode.DI
        }) {
      KIND[m] = K_MEMORY;
    }
    for (int m : new int[] {OperandCode.I, OperandCode.IS, OperandCode.I2, OperandCode.CONSTANT}) {
      KIND[m] = K_IMMEDIATE;
    }
    KIND[OperandCode.J] = K_RELATIVE;
    KIND[OperandCode.A] = K_FAR;
  }

  private InstructionOperands() {}

  static OperandKind kind(Instruction in, int code) {
    return switch (KIND[OperandCode.method(code)]) {
      case K_EITHER -> in.isMemoryForm() ? OperandKind.MEMORY : OperandKind.REGISTER;
      case K_MEMORY -> OperandKind.MEMORY;
      case K_IMMEDIATE -> OperandKind.IMMEDIATE;
      case K_RELATIVE -> OperandKind.RELATIVE;
      case K_FAR -> OperandKind.FAR_POINTER;
      default -> OperandKind.REGISTER;
    };
  }

  static int size(Instruction in, int code) {
    int method = OperandCode.method(code);
    int kind = KIND[method];
    boolean memory = kind == K_MEMORY || kind == K_EITHER && in.isMemoryForm();
    if (memory && in.isBroadcast()) {
      boolean half = (in.table.evex[in.form] & OpcodeTable.HALF_ELEMENTS) != 0;
      return half ? 2 : (in.rex & 8) != 0 ? 8 : 4;
    }
    return size(in, code, memory && method != OperandCode.O);
  }

  private static int size(Instruction in, int code, boolean memory) {
    return switch (memory ? OperandCode.memorySize(code) : OperandCode.registerSize(code)) {
      case OperandCode.SIZE_B -> 1;
      case OperandCode.SIZE_W -> 2;
      case OperandCode.SIZE_D -> 4;
      case OperandCode.SIZE_Q -> 8;
      case OperandCode.SIZE_O -> 16;
      case OperandCode.SIZE_K -> 32;
      case OperandCode.SIZE_L -> 64;
      case OperandCode.SIZE_T -> 10;
      case OperandCode.SIZE_V -> in.operandSize;
      case OperandCode.SIZE_Y -> in.is64 && (in.rex & 8) != 0 ? 8 : 4;
      // Iz is sign-extended to the operand size; ports and ins have no 64-bit form.
      case OperandCode.SIZE_Z ->
          OperandCode.method(code) == OperandCode.I ? in.operandSize : Math.min(4, in.operandSize);
      case OperandCode.SIZE_N -> in.is64 ? 8 : 4;
      case OperandCode.SIZE_P -> 2 + in.operandSize;
      case OperandCode.SIZE_S -> in.is64 ? 10 : 6;
      case OperandCode.SIZE_X -> 16 << in.vectorLength;
      case OperandCode.SIZE_H -> 8 << in.vectorLength;
      case OperandCode.SIZE_F -> 4 << in.vectorLength;
      case OperandCode.SIZE_E -> 2 << in.vectorLength;
      case OperandCode.SIZE_M -> in.vectorLength == 0 ? 8 : 16 << in.vectorLength;
      default -> 0;
    };
  }

  static RegisterClass registerClass(Instruction in, int code) {
    return switch (OperandCode.method(code)) {
      case OperandCode.S, OperandCode.FIXED_SEGMENT -> RegisterClass.SEGMENT;
      case OperandCode.C -> RegisterClass.CONTROL;
      case OperandCode.D -> RegisterClass.DEBUG;
      case OperandCode.T -> RegisterClass.TEST;
      case OperandCode.P, OperandCode.Q, OperandCode.N -> RegisterClass.MMX;
      case OperandCode.V,
          OperandCode.W,
          OperandCode.U,
          OperandCode.H,
          OperandCode.L,
          OperandCode.XMM0 ->
          switch (size(in, code, false)) {
            case 32 -> RegisterClass.YMM;
            case 64 -> RegisterClass.ZMM;
            default -> RegisterClass.XMM;
          };
      case OperandCode.KR, OperandCode.KE, OperandCode.KV, OperandCode.KU -> RegisterClass.MASK;
      case OperandCode.ST, OperandCode.STI -> RegisterClass.X87;
      case OperandCode.BNR, OperandCode.BNE -> RegisterClass.BOUND;
      case OperandCode.TR, OperandCode.TU, OperandCode.TV -> RegisterClass.TILE;
      default ->
          switch (size(in, code, false)) {
            case 1 -> isHighByte(in, code) ? RegisterClass.GPR8_HIGH : RegisterClass.GPR8;
            case 2 -> RegisterClass.GPR16;
            case 8 -> RegisterClass.GPR64;
            default -> RegisterClass.GPR32;
          };
    };
  }

  static int registerNumber(Instruction in, int code) {
    int number = number(in, code);
    return isHighByte(in, code) ? number - 4 : number;
  }

  /** Numbers 4 to 7 of bytes are ah to bh unless a REX prefix is there. */
  private static boolean isHighByte(Instruction in, int code) {
    if (OperandCode.registerSize(code) != OperandCode.SIZE_B
        || (in.prefixes & (Instruction.PREFIX_REX | Instruction.PREFIX_VEX)) != 0) {
      return false;
    }
    return switch (OperandCode.method(code)) {
      case OperandCode.E, OperandCode.G, OperandCode.R, OperandCode.Z -> number(in, code) >= 4;
      default -> false;
    };
  }

  private static int number(Instruction in, int code) {
    int reg = in.modrm >> 3 & 7;
    int rm = in.modrm & 7;
    return switch (OperandCode.method(code)) {
      case OperandCode.E, OperandCode.R -> rm | (in.rex & 1) << 3;
      case OperandCode.G, OperandCode.C, OperandCode.D -> reg | (in.rex & 4) << 1;
      case OperandCode.Z -> in.opcode & 7 | (in.rex & 1) << 3;
      case OperandCode.FIXED, OperandCode.FIXED_SEGMENT -> code & 31;
      case OperandCode.S, OperandCode.T, OperandCode.P, OperandCode.KR, OperandCode.TR -> reg;
      case OperandCode.BNR -> reg | (in.rex & 4) << 1;
      case OperandCode.BNE -> rm | (in.rex & 1) << 3;
      case OperandCode.V -> reg | (in.rex & 4) << 1 | (in.high & 4) << 2;
      case OperandCode.W, OperandCode.U -> rm | (in.rex & 1) << 3 | (in.high & 2) << 3;
      case OperandCode.H -> in.vvvv | (in.high & 1) << 4;
      case OperandCode.B -> in.vvvv;
      case OperandCode.KV, OperandCode.TV -> in.vvvv & 7;
      case OperandCode.L -> (int) in.immediate >> 4 & (in.is64 ? 15 : 7);
      case OperandCode.Q, OperandCode.N, OperandCode.KE, OperandCode.KU, OperandCode.STI -> rm;
      case OperandCode.TU -> rm;
      default -> 0;
    };
  }

  static long immediate(Instruction in, int code) {
    return switch (OperandCode.method(code)) {
      case OperandCode.CONSTANT -> code & 31;
      case OperandCode.I2 -> in.immediate2;
      default -> Instruction.signExtend(in.immediate, Math.max(1, size(in, code)));
    };
  }

  static int base(Instruction in, int code) {
    return switch (OperandCode.method(code)) {
      case OperandCode.O -> Instruction.NO_REGISTER;
      case OperandCode.X -> 6;
      case OperandCode.Y, OperandCode.DI -> 7;
      case OperandCode.XL -> 3;
      default -> in.base;
    };
  }

  static int index(Instruction in, int code) {
    return switch (OperandCode.method(code)) {
      case OperandCode.O, OperandCode.X, OperandCode.Y, OperandCode.XL, OperandCode.DI ->
          Instruction.NO_REGISTER;
      default -> in.index;
    };
  }

  static long displacement(Instruction in, int code) {
    return switch (OperandCode.method(code)) {
      case OperandCode.X, OperandCode.Y, OperandCode.XL, OperandCode.DI -> 0;
      case OperandCode.O -> Instruction.zeroExtend(in.displacement, in.addressSize);
      default ->
          in.base == Instruction.NO_REGISTER && in.index == Instruction.NO_REGISTER
              ? Instruction.zeroExtend(in.displacement, in.addressSize)
              : in.displacement;
    };
  }

  /** Bytes of the vector register that indexes a gather. */
  static int vectorIndexSize(Instruction in, int code) {
    return size(in, code, false);
  }

  static int segment(Instruction in, int code) {
    int method = OperandCode.method(code);
    if (method == OperandCode.Y) {
      return 0;
    }
    if (in.hasSegmentOverride()) {
      return in.segment;
    }
    int base = base(in, code);
    return base == Instruction.RSP || base == Instruction.RBP ? 2 : 3;
  }
}
