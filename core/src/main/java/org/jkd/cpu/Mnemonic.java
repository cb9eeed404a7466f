// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/**
 * Mnemonics are small numbers, so that code can be analysed without comparing text. The constants
 * name those that analyses ask for; all others exist as text and get numbers when the opcode tables
 * are read, see {@link #id}.
 */
public final class Mnemonic {
  public static final int INVALID = 0;
  public static final int ADD = 1;
  public static final int OR = 2;
  public static final int ADC = 3;
  public static final int SBB = 4;
  public static final int AND = 5;
  public static final int SUB = 6;
  public static final int XOR = 7;
  public static final int CMP = 8;
  public static final int MOV = 9;
  public static final int LEA = 10;
  public static final int PUSH = 11;
  public static final int POP = 12;
  public static final int CALL = 13;
  public static final int JMP = 14;
  public static final int RET = 15;
  public static final int RETF = 16;
  public static final int TEST = 17;
  public static final int INC = 18;
  public static final int DEC = 19;
  public static final int NOP = 20;
  public static final int INT = 21;
  public static final int ENTER = 22;
  public static final int LEAVE = 23;
  public static final int PUSHAD = 24;
  public static final int POPAD = 25;
  public static final int PUSHFD = 26;
  public static final int POPFD = 27;
  public static final int PUSHFQ = 28;
  public static final int POPFQ = 29;
  public static final int MOVZX = 30;
  public static final int MOVSX = 31;
  public static final int MOVSXD = 32;
  public static final int XCHG = 33;
  public static final int IMUL = 34;
  public static final int SHL = 35;
  public static final int SHR = 36;
  public static final int SAR = 37;
  public static final int NEG = 38;
  public static final int NOT = 39;
  public static final int XADD = 40;
  public static final int CMPXCHG = 41;
  public static final int MOVS = 42;
  public static final int STOS = 43;
  public static final int SCAS = 44;
  public static final int CMPS = 45;
  public static final int LODS = 46;
  public static final int CLD = 47;
  public static final int STD = 48;
  public static final int CLI = 49;
  public static final int STI = 50;
  public static final int HLT = 51;
  public static final int UD2 = 52;
  public static final int SYSCALL = 53;
  public static final int SYSENTER = 54;
  public static final int SWAPGS = 55;
  public static final int IRETD = 56;
  public static final int IRETQ = 57;
  public static final int MOVAPS = 58;
  public static final int MOVUPS = 59;
  public static final int MOVDQA = 60;
  public static final int MOVDQU = 61;
  public static final int LOOP = 62;
  public static final int JECXZ = 63;
  public static final int JRCXZ = 64;
  public static final int PUSHF = 65;
  public static final int POPF = 66;
  public static final int PUSHA = 67;
  public static final int POPA = 68;
  public static final int IRET = 69;
  public static final int PAUSE = 70;
  public static final int BT = 71;
  public static final int CDQ = 72;
  public static final int CDQE = 73;
  public static final int BSWAP = 74;
  public static final int JO = 75;
  public static final int JNO = 76;
  public static final int JB = 77;
  public static final int JAE = 78;
  public static final int JE = 79;
  public static final int JNE = 80;
  public static final int JBE = 81;
  public static final int JA = 82;
  public static final int JS = 83;
  public static final int JNS = 84;
  public static final int JP = 85;
  public static final int JNP = 86;
  public static final int JL = 87;
  public static final int JGE = 88;
  public static final int JLE = 89;
  public static final int JG = 90;

  /** The texts of the constants above, in their order. */
  private static final String FIXED =
      "??? add or adc sbb and sub xor cmp mov lea push pop call jmp ret retf test inc "
          + "dec nop int enter leave pushad popad pushfd popfd pushfq popfq movzx movsx "
          + "movsxd xchg imul shl shr sar neg not xadd cmpxchg movs stos scas cmps lods cld "
          + "std cli sti hlt ud2 syscall sysenter swapgs iretd iretq movaps movups movdqa "
          + "movdqu loop jecxz jrcxz pushf popf pusha popa iret pause bt cdq cdqe bswap jo "
          + "jno jb jae je jne jbe ja js jns jp jnp jl jge jle jg";

  private Mnemonic() {}

  /** The mnemonic in lower case as kd writes it; {@code ???} for {@link #INVALID}. */
  public static String text(int id) {
    return OpcodeTable.INSTANCE.mnemonicText(id);
  }

  /** The number of a mnemonic, or {@link #INVALID} if no instruction has it. */
  public static int id(String text) {
    return OpcodeTable.INSTANCE.mnemonicId(text);
  }

  /** The texts of the constants, each at its number. */
  static String[] fixed() {
    return FIXED.split(" ");
  }
}
