// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/** Works out which registers and memory an instruction touches and what it does to the stack. */
final class InstructionEffects {
  private static final Flow[] FLOWS = Flow.values();
  private static final StackEffect[] EFFECTS = StackEffect.values();
  private static final int RSP_BIT = 1 << Instruction.RSP;
  private static final int REP = Instruction.PREFIX_REP | Instruction.PREFIX_REPNE;

  private InstructionEffects() {}

  static Flow flow(int flags) {
    return FLOWS[flags >>> OpcodeTable.FLOW_SHIFT & 31];
  }

  private static StackEffect declared(Instruction in) {
    return EFFECTS[in.table.flags[in.form] >>> OpcodeTable.STACK_SHIFT & 15];
  }

  static int registersRead(Instruction in) {
    int mask = in.table.implicit[in.form] & 0xffff;
    int count = in.operandCount();
    for (int i = 0; i < count; i++) {
      OperandKind kind = in.kind(i);
      if (kind == OperandKind.MEMORY) {
        int base = in.memoryBase(i);
        int index = in.memoryIndex(i);
        if (base >= 0 && base < 16) {
          mask |= 1 << base;
        }
        if (index >= 0 && !in.hasVectorIndex()) {
          mask |= 1 << index;
        }
      } else if (kind == OperandKind.REGISTER && in.isRead(i) && in.registerClass(i).isGeneral()) {
        mask |= 1 << in.register(i);
      }
    }
    if (in.isString() && (in.prefixes & REP) != 0) {
      mask |= 2;
    }
    return declared(in) == StackEffect.NONE ? mask : mask | RSP_BIT;
  }

  static int registersWritten(Instruction in) {
    int mask = in.table.implicit[in.form] >>> 16;
    int count = in.operandCount();
    for (int i = 0; i < count; i++) {
      OperandKind kind = in.kind(i);
      if (kind == OperandKind.REGISTER) {
        if (in.isWritten(i) && in.registerClass(i).isGeneral()) {
          mask |= 1 << in.register(i);
        }
      } else if (kind == OperandKind.MEMORY && in.isString()) {
        mask |= 1 << in.memoryBase(i);
      }
    }
    if (in.isString() && (in.prefixes & REP) != 0) {
      mask |= 2;
    }
    return declared(in) == StackEffect.NONE ? mask : mask | RSP_BIT;
  }

  static boolean touchesMemory(Instruction in, boolean write) {
    if (in.has(write ? OpcodeTable.MEMORY_WRITTEN : OpcodeTable.MEMORY_READ)) {
      return true;
    }
    StackEffect stack = declared(in);
    if (write
        ? stack == StackEffect.PUSH || stack == StackEffect.CALL
        : stack == StackEffect.POP || stack == StackEffect.RETURN) {
      return true;
    }
    int count = in.operandCount();
    for (int i = 0; i < count; i++) {
      // No size means no access that matters: lea, invlpg.
      if (in.kind(i) == OperandKind.MEMORY
          && (write ? in.isWritten(i) : in.isRead(i))
          && in.mnemonic() != Mnemonic.LEA
          && in.mnemonic() != Mnemonic.NOP) {
        return true;
      }
    }
    return false;
  }

  static StackEffect stackEffect(Instruction in) {
    StackEffect declared = declared(in);
    if (declared != StackEffect.NONE) {
      return declared == StackEffect.POP && in.isRegister(0, Instruction.RSP)
          ? StackEffect.ASSIGN
          : declared;
    }
    if ((registersWritten(in) & RSP_BIT) == 0) {
      return StackEffect.NONE;
    }
    int mnemonic = in.mnemonic();
    if (in.isRegister(0, Instruction.RSP) && in.size(0) == (in.is64 ? 8 : 4)) {
      if (mnemonic == Mnemonic.INC || mnemonic == Mnemonic.DEC) {
        return StackEffect.ADJUST;
      }
      boolean constant = in.operandCount() == 2 && in.kind(1) == OperandKind.IMMEDIATE;
      if (constant && (mnemonic == Mnemonic.ADD || mnemonic == Mnemonic.SUB)) {
        return StackEffect.ADJUST;
      }
      if (mnemonic == Mnemonic.AND && constant) {
        return StackEffect.ALIGN;
      }
      if (mnemonic == Mnemonic.LEA
          && in.memoryBase(1) == Instruction.RSP
          && in.memoryIndex(1) == Instruction.NO_REGISTER) {
        return StackEffect.ADJUST;
      }
    }
    return StackEffect.ASSIGN;
  }

  static boolean isStackDeltaConstant(Instruction in) {
    return switch (stackEffect(in)) {
      case NONE, PUSH, POP, CALL, RETURN, ADJUST -> true;
      case LEAVE, ALIGN, ASSIGN -> false;
      case ENTER -> (in.immediate2 & 31) == 0;
    };
  }

  static int stackDelta(Instruction in) {
    int size = in.operandSize;
    int mnemonic = in.mnemonic();
    return switch (stackEffect(in)) {
      case NONE, LEAVE, ALIGN, ASSIGN -> 0;
      case PUSH -> mnemonic == Mnemonic.PUSHAD || mnemonic == Mnemonic.PUSHA ? -8 * size : -size;
      case POP -> mnemonic == Mnemonic.POPAD || mnemonic == Mnemonic.POPA ? 8 * size : size;
      case CALL ->
          in.kind(0) == OperandKind.FAR_POINTER || in.size(0) == size + 2 ? -2 * size : -size;
      case RETURN -> {
        int drop = in.operandCount() == 1 ? (int) in.immediate & 0xffff : 0;
        yield (in.flow() == Flow.RET_FAR ? 2 * size : size) + drop;
      }
      case ENTER -> (in.immediate2 & 31) == 0 ? -size - ((int) in.immediate & 0xffff) : 0;
      case ADJUST ->
          switch (mnemonic) {
            case Mnemonic.INC -> 1;
            case Mnemonic.DEC -> -1;
            case Mnemonic.ADD -> (int) in.immediate(1);
            case Mnemonic.SUB -> (int) -in.immediate(1);
            default -> (int) in.displacement(1);
          };
    };
  }
}
