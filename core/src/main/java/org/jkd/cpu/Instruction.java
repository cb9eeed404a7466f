// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/**
 * One decoded instruction: a flyweight that {@link Decoder#decode} fills again and again, so keep
 * numbers out of it, not the object. Decoding notes only where things are; what is asked here is
 * worked out when it is asked.
 *
 * <p>Operands are numbered from 0 in the order of Intel syntax (destination first). A register is a
 * {@link RegisterClass} and a number; general registers are numbered rax 0, rcx 1, rdx 2, rbx 3,
 * rsp 4, rbp 5, rsi 6, rdi 7, r8 … r15, as in {@link Register}, and masks of them have bit N for
 * number N. Addresses of 32-bit code are zero-extended.
 */
public final class Instruction {
  /** "No register" for {@link #memoryBase} and {@link #memoryIndex}. */
  public static final int NO_REGISTER = -1;

  /** The instruction pointer as {@link #memoryBase}. */
  public static final int RIP_BASE = 16;

  /** Bit numbers of rsp and rbp in register masks. */
  public static final int RSP = 4;

  public static final int RBP = 5;

  /** Prefix bits of {@link #prefixes()}. */
  public static final int PREFIX_LOCK = 1;

  public static final int PREFIX_REPNE = 2;
  public static final int PREFIX_REP = 4;
  public static final int PREFIX_OPERAND_SIZE = 8;
  public static final int PREFIX_ADDRESS_SIZE = 16;
  public static final int PREFIX_SEGMENT = 32;
  public static final int PREFIX_REX = 64;
  public static final int PREFIX_VEX = 128;
  public static final int PREFIX_EVEX = 256;

  private static final String[] ROUNDING = {"{rn-sae}", "{rd-sae}", "{ru-sae}", "{rz-sae}"};

  // Filled by the decoder.
  final OpcodeTable table = OpcodeTable.INSTANCE;
  long address;
  int length;
  boolean is64;
  int form;
  int prefixes;
  int segment; // of an override, -1 without
  int rex; // W 8, R 4, X 2, B 1, also from VEX
  int high; // EVEX: R' 4, X' 2 (16s of a vector in modrm.rm), V' 1
  int opcode;
  int modrm;
  int base;
  int index;
  int scale;
  int vvvv;
  int vectorLength; // 0, 1, 2
  int evex; // third payload byte of EVEX: z, L'L, b, V', aaa
  int operandSize; // 2, 4, 8
  int addressSize;
  long displacement;
  long immediate; // sign-extended from its encoded width
  int immediate2;

  /** Address of the first byte. */
  public long address() {
    return address;
  }

  /** Bytes, 1 to 15; 0 before the first successful decode. */
  public int length() {
    return length;
  }

  /** Address of the byte after the instruction. */
  public long nextAddress() {
    return cut(address + length);
  }

  /** True for 64-bit code. */
  public boolean is64() {
    return is64;
  }

  /** See {@link Mnemonic}. */
  public int mnemonic() {
    return table.mnemonic(form);
  }

  /** Lower case, as kd writes it, without prefixes. */
  public String mnemonicText() {
    return table.mnemonicText(table.mnemonic(form));
  }

  /** The prefixes that are present, PREFIX_ bits; also those that select the opcode. */
  public int prefixes() {
    return prefixes;
  }

  /** True when the instruction is a string instruction, which rep prefixes repeat. */
  public boolean isString() {
    return has(OpcodeTable.STRING);
  }

  /** True when F2 or F3 is no prefix with a meaning of its own but part of the opcode. */
  public boolean prefixSelectsOpcode() {
    return has(OpcodeTable.PREFIX_USED);
  }

  /** Where execution goes next. */
  public Flow flow() {
    return InstructionEffects.flow(table.flags[form]);
  }

  /** The target of a direct branch or call; call it only when operand 0 is RELATIVE. */
  public long target() {
    long target = cut(address + length + immediate);
    return operandSize == 2 ? target & 0xffff : target;
  }

  /** The condition of jcc, setcc and cmovcc as in the opcode (o 0, no 1, b 2 … g 15), or -1. */
  public int condition() {
    return has(OpcodeTable.CONDITIONAL) ? opcode & 15 : -1;
  }

  /** Bytes an operand has by the operand-size rules: 2, 4 or 8. */
  public int operandSize() {
    return operandSize;
  }

  /** Bytes of an address: 2, 4 or 8. */
  public int addressSize() {
    return addressSize;
  }

  // ---- operands

  /** How many operands are shown, 0 to 4. */
  public int operandCount() {
    return table.operandCount(form);
  }

  /** The kind of operand {@code i}. */
  public OperandKind kind(int i) {
    return InstructionOperands.kind(this, code(i));
  }

  /** True if operand {@code i} is a general register with this number, of any size. */
  public boolean isRegister(int i, int number) {
    return i < operandCount()
        && kind(i) == OperandKind.REGISTER
        && registerClass(i).isGeneral()
        && register(i) == number;
  }

  /** The class of a REGISTER operand. */
  public RegisterClass registerClass(int i) {
    return InstructionOperands.registerClass(this, code(i));
  }

  /** The number of a REGISTER operand within its class. */
  public int register(int i) {
    return InstructionOperands.registerNumber(this, code(i));
  }

  /** Bytes of operand {@code i}; 0 where the instruction does not say (lea, fxsave, lgdt …). */
  public int size(int i) {
    return InstructionOperands.size(this, code(i));
  }

  /** An IMMEDIATE operand, sign-extended from {@link #size} bytes. */
  public long immediate(int i) {
    return InstructionOperands.immediate(this, code(i));
  }

  /** An IMMEDIATE operand, zero-extended from {@link #size} bytes. */
  public long immediateUnsigned(int i) {
    return zeroExtend(immediate(i), Math.max(1, size(i)));
  }

  /** The selector of a FAR_POINTER operand. */
  public int farSelector() {
    return immediate2;
  }

  /** The offset of a FAR_POINTER operand. */
  public long farOffset() {
    return zeroExtend(immediate, operandSize);
  }

  // ---- memory operands

  /** The number of the first MEMORY operand, or -1. */
  public int memoryOperand() {
    int count = operandCount();
    for (int i = 0; i < count; i++) {
      if (kind(i) == OperandKind.MEMORY) {
        return i;
      }
    }
    return -1;
  }

  /** The base register of MEMORY operand {@code i}, {@link #RIP_BASE} or {@link #NO_REGISTER}. */
  public int memoryBase(int i) {
    return InstructionOperands.base(this, code(i));
  }

  /** The index register (a vector register where {@link #hasVectorIndex}) or NO_REGISTER. */
  public int memoryIndex(int i) {
    return InstructionOperands.index(this, code(i));
  }

  /** 1, 2, 4 or 8. */
  public int memoryScale(int i) {
    return scale == 0 ? 1 : scale;
  }

  /** The displacement, sign-extended; for absolute operands the zero-extended address. */
  public long displacement(int i) {
    return InstructionOperands.displacement(this, code(i));
  }

  /** Bytes of the encoded displacement that matter for how kd shows it: true for moffs forms. */
  public boolean isOffsetForm(int i) {
    return OperandCode.method(code(i)) == OperandCode.O;
  }

  /** True when the index is a vector register (gathers). */
  public boolean hasVectorIndex() {
    return has(OpcodeTable.VSIB);
  }

  /**
   * True when MEMORY operand {@code i} names one fixed address: rip-relative or without registers.
   */
  public boolean isAbsolute(int i) {
    int b = memoryBase(i);
    return (b == RIP_BASE || b == NO_REGISTER) && memoryIndex(i) == NO_REGISTER;
  }

  /** The offset within its segment of a memory operand for which {@link #isAbsolute} holds. */
  public long absoluteAddress(int i) {
    long d = displacement(i);
    return memoryBase(i) == RIP_BASE
        ? (addressSize == 4 ? address + length + d & 0xffff_ffffL : address + length + d)
        : d;
  }

  /** The segment register through which memory is accessed: es 0, cs 1, ss 2, ds 3, fs 4, gs 5. */
  public int memorySegment(int i) {
    return InstructionOperands.segment(this, code(i));
  }

  /** True when a prefix names the segment and the operand heeds it. */
  public boolean hasSegmentOverride() {
    return segment >= 0 && (!is64 || segment >= 4);
  }

  // ---- effects

  /** True when operand {@code i} is read; the address registers of memory are read in any case. */
  public boolean isRead(int i) {
    return (table.access[form] >>> 2 * i & 1) != 0;
  }

  /** True when operand {@code i} is written. */
  public boolean isWritten(int i) {
    return (table.access[form] >>> 2 * i & 2) != 0;
  }

  /** General registers that are read, in full or in part, also by address and implicitly. */
  public int registersRead() {
    return InstructionEffects.registersRead(this);
  }

  /**
   * General registers that are written, in full or in part. Writes of 8 and 16 bits keep the rest
   * of the register; cmovcc may keep all of it.
   */
  public int registersWritten() {
    return InstructionEffects.registersWritten(this);
  }

  /** True when arithmetic or status flags are read. */
  public boolean readsFlags() {
    return has(OpcodeTable.FLAGS_READ);
  }

  /** True when flags are written. */
  public boolean writesFlags() {
    return has(OpcodeTable.FLAGS_WRITTEN);
  }

  /** True when memory is read, including pops and returns. */
  public boolean readsMemory() {
    return InstructionEffects.touchesMemory(this, false);
  }

  /** True when memory is written, including pushes and calls. */
  public boolean writesMemory() {
    return InstructionEffects.touchesMemory(this, true);
  }

  /** What happens to the stack pointer. */
  public StackEffect stackEffect() {
    return InstructionEffects.stackEffect(this);
  }

  /**
   * Bytes that are added to the stack pointer: negative for pushes, positive for pops, for {@code
   * ret 8} on x86 12. 0 where {@link #isStackDeltaConstant} is false.
   */
  public int stackDelta() {
    return InstructionEffects.stackDelta(this);
  }

  /** False for LEAVE, ALIGN and ASSIGN and for enter with nesting. */
  public boolean isStackDeltaConstant() {
    return InstructionEffects.isStackDeltaConstant(this);
  }

  // ---- helpers

  /** EVEX opmask register 1 to 7 that guards the destination, or 0. */
  public int opmask() {
    return (prefixes & PREFIX_EVEX) != 0 ? evex & 7 : 0;
  }

  /** EVEX: masked elements become zero. */
  public boolean isZeroing() {
    return (prefixes & PREFIX_EVEX) != 0 && (evex & 0x80) != 0;
  }

  /** EVEX between registers: {@code {rn-sae}} and the like, or empty. */
  String rounding() {
    if ((prefixes & PREFIX_EVEX) == 0 || (evex & 0x10) == 0 || isMemoryForm()) {
      return "";
    }
    int kind = table.evex[form];
    if ((kind & OpcodeTable.NO_EXCEPTIONS) != 0) {
      return "{sae}";
    }
    return (kind & OpcodeTable.ROUNDING) != 0 ? ROUNDING[evex >> 5 & 3] : "";
  }

  /** EVEX: one element of memory is used for all elements. */
  public boolean isBroadcast() {
    return (prefixes & PREFIX_EVEX) != 0 && (evex & 0x10) != 0 && isMemoryForm();
  }

  boolean has(int flag) {
    return (table.flags[form] & flag) != 0;
  }

  int code(int i) {
    return (int) (table.operands[form] >>> 16 * i) & 0xffff;
  }

  boolean isMemoryForm() {
    return modrm < 0xc0;
  }

  long cut(long value) {
    return is64 ? value : value & 0xffff_ffffL;
  }

  static long zeroExtend(long value, int size) {
    return size >= 8 ? value : value & (1L << 8 * size) - 1;
  }

  static long signExtend(long value, int size) {
    int shift = 64 - 8 * size;
    return size >= 8 ? value : value << shift >> shift;
  }
}
