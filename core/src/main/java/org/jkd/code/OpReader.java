// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import org.jkd.cpu.Arch;
import org.jkd.cpu.Decoder;
import org.jkd.cpu.Flow;
import org.jkd.cpu.Instruction;
import org.jkd.cpu.Mnemonic;
import org.jkd.cpu.OperandKind;
import org.jkd.cpu.StackEffect;
import org.jspecify.annotations.Nullable;

/** Decodes instructions and reduces them to {@link Op}s. */
final class OpReader {
  private static final int INT_FAST_FAIL = 0x29;
  private static final int X86_SYSTEM_CALL_CLOBBERS = 1 << Op.AX | 1 << Op.CX | 1 << Op.DX;

  private final Decoder decoder;
  private final int pointer;
  private final Instruction in = new Instruction();
  private final byte[] bytes = new byte[Decoder.MAX_LENGTH];

  OpReader(Arch arch) {
    this.decoder = new Decoder(arch);
    this.pointer = arch.pointerSize();
  }

  /** The instruction at an address; null when its bytes are missing or are none. */
  @Nullable Op read(CodeImage image, long address) {
    int have = image.read(address, bytes, 0, bytes.length);
    int length = decoder.decode(bytes, 0, have, address, in);
    return length == 0 ? null : reduce();
  }

  private Op reduce() {
    Op op = new Op();
    op.address = in.address();
    op.length = in.length();
    op.size = in.operandSize();
    switch (in.flow()) {
      case NONE -> plain(op);
      case CALL_DIRECT -> {
        if (in.kind(0) == OperandKind.RELATIVE) {
          op.kind = Op.Kind.CALL;
          op.target = in.target();
        }
      }
      case CALL_INDIRECT -> through(op, Op.Kind.CALL_REGISTER, Op.Kind.CALL_MEMORY);
      case JMP -> {
        op.kind = Op.Kind.STOP;
        if (in.kind(0) == OperandKind.RELATIVE) {
          op.kind = Op.Kind.JUMP;
          op.target = in.target();
        }
      }
      case JMP_INDIRECT -> through(op, Op.Kind.JUMP_REGISTER, Op.Kind.JUMP_MEMORY);
      case JCC -> {
        op.kind = Op.Kind.BRANCH;
        op.target = in.target();
        op.condition = in.condition();
        op.clobbers = in.registersWritten();
      }
      case RET -> op.kind = Op.Kind.RETURN;
      case RET_N -> {
        op.kind = Op.Kind.RETURN;
        op.imm = in.immediateUnsigned(0);
      }
      case RET_FAR, IRET, SYSRET -> op.kind = Op.Kind.INTERRUPT_RETURN;
      case UD -> op.kind = Op.Kind.STOP;
      case INT3 -> {
        op.kind = Op.Kind.BREAK;
        op.imm = 3;
      }
      case INT_N -> {
        op.imm = in.operandCount() > 0 ? in.immediateUnsigned(0) : 0;
        op.kind = op.imm == INT_FAST_FAIL ? Op.Kind.STOP : Op.Kind.OTHER;
        op.clobbers = X86_SYSTEM_CALL_CLOBBERS;
      }
      case SYSCALL -> op.clobbers = X86_SYSTEM_CALL_CLOBBERS;
      case HLT -> op.kind = Op.Kind.OTHER;
    }
    return op;
  }

  private void through(Op op, Op.Kind register, Op.Kind memory) {
    OperandKind kind = in.operandCount() == 0 ? OperandKind.FAR_POINTER : in.kind(0);
    switch (kind) {
      case REGISTER -> {
        op.kind = register;
        op.src = in.register(0);
      }
      case MEMORY -> {
        op.kind = memory;
        memory(op, 0);
      }
      case IMMEDIATE, RELATIVE, FAR_POINTER ->
          op.kind = in.flow() == Flow.JMP_INDIRECT ? Op.Kind.STOP : Op.Kind.OTHER;
    }
  }

  private void memory(Op op, int i) {
    op.hasMemory = true;
    int base = in.memoryBase(i);
    if (base == Instruction.RIP_BASE) {
      op.disp = in.absoluteAddress(i);
    } else {
      op.base = base == Instruction.NO_REGISTER ? Op.NONE : base;
      op.disp = in.displacement(i);
    }
    boolean vector = in.hasVectorIndex();
    int index = vector ? Instruction.NO_REGISTER : in.memoryIndex(i);
    op.index = index == Instruction.NO_REGISTER ? Op.NONE : index;
    op.scale = in.memoryScale(i);
    op.segment = vector || in.memorySegment(i) >= 4;
    op.size = in.size(i);
  }

  private boolean general(int i) {
    return in.operandCount() > i
        && in.kind(i) == OperandKind.REGISTER
        && in.registerClass(i).isGeneral();
  }

  private boolean wide(int i) {
    return general(i) && in.size(i) == pointer;
  }

  private void plain(Op op) {
    switch (in.mnemonic()) {
      case Mnemonic.PUSH -> push(op);
      case Mnemonic.POP -> pop(op);
      case Mnemonic.PUSHAD -> {
        op.kind = Op.Kind.PUSH_ALL;
        return;
      }
      case Mnemonic.POPAD -> {
        op.kind = Op.Kind.POP_ALL;
        return;
      }
      case Mnemonic.LEAVE -> {
        op.kind = Op.Kind.LEAVE;
        op.size = pointer;
      }
      case Mnemonic.ENTER -> {
        op.kind = Op.Kind.ENTER;
        op.size = pointer;
        op.imm = in.immediateUnsigned(0);
        op.src = (int) in.immediateUnsigned(1) & 31;
      }
      case Mnemonic.MOV, Mnemonic.MOVZX, Mnemonic.MOVSX, Mnemonic.MOVSXD -> move(op);
      case Mnemonic.LEA -> {
        if (wide(0)) {
          op.kind = Op.Kind.LEA;
          op.dst = in.register(0);
          memory(op, 1);
          op.size = pointer;
        } else {
          other(op);
        }
      }
      case Mnemonic.ADD -> twoOperands(op, Op.Kind.ADD);
      case Mnemonic.SUB -> twoOperands(op, Op.Kind.SUB);
      case Mnemonic.AND -> twoOperands(op, Op.Kind.AND);
      case Mnemonic.XOR -> {
        boolean zero =
            general(0) && general(1) && in.register(0) == in.register(1) && in.size(0) >= 4;
        if (zero || wide(0)) {
          twoOperands(op, Op.Kind.XOR);
        } else {
          other(op);
        }
      }
      case Mnemonic.CMP -> {
        op.kind = Op.Kind.COMPARE;
        op.dst = wide(0) ? in.register(0) : Op.NONE;
        source(op, 1);
      }
      case Mnemonic.SBB -> {
        if (wide(0) && wide(1) && in.register(0) == in.register(1)) {
          op.kind = Op.Kind.SBB_SELF;
          op.dst = in.register(0);
        } else {
          other(op);
        }
      }
      case Mnemonic.INC, Mnemonic.DEC -> {
        if (wide(0)) {
          op.kind = Op.Kind.ADD;
          op.dst = in.register(0);
          op.hasImm = true;
          op.imm = in.mnemonic() == Mnemonic.INC ? 1 : -1;
          op.size = pointer;
        } else {
          other(op);
        }
      }
      case Mnemonic.NEG, Mnemonic.NOT -> {
        if (wide(0)) {
          op.kind = in.mnemonic() == Mnemonic.NEG ? Op.Kind.NEG : Op.Kind.NOT;
          op.dst = in.register(0);
        } else {
          other(op);
        }
      }
      case Mnemonic.XCHG -> {
        if (wide(0) && wide(1)) {
          op.kind = Op.Kind.EXCHANGE;
          op.dst = in.register(0);
          op.src = in.register(1);
        } else {
          other(op);
        }
      }
      default -> other(op);
    }
  }

  private void push(Op op) {
    int size = -in.stackDelta();
    switch (in.kind(0)) {
      case REGISTER -> {
        if (general(0)) {
          op.kind = Op.Kind.PUSH;
          op.src = in.register(0);
        } else {
          op.kind = Op.Kind.PUSH_OTHER;
        }
      }
      case IMMEDIATE -> {
        op.kind = Op.Kind.PUSH_IMM;
        op.imm = pointer == 4 ? in.immediate(0) & 0xffff_ffffL : in.immediate(0);
        op.hasImm = true;
      }
      case MEMORY -> {
        op.kind = Op.Kind.PUSH_MEMORY;
        memory(op, 0);
      }
      case RELATIVE, FAR_POINTER -> op.kind = Op.Kind.PUSH_OTHER;
    }
    op.size = size;
  }

  private void pop(Op op) {
    boolean register = general(0);
    op.kind = register ? Op.Kind.POP : Op.Kind.POP_OTHER;
    op.size = in.stackDelta();
    if (register) {
      op.dst = in.register(0);
      if (op.dst == Op.SP) {
        op.size = pointer;
      }
    }
  }

  private void move(Op op) {
    boolean plainMove = in.mnemonic() == Mnemonic.MOV;
    if (in.kind(0) == OperandKind.MEMORY) {
      op.kind = Op.Kind.STORE;
      memory(op, 0);
      if (general(1)) {
        op.src = in.register(1);
      } else if (in.kind(1) == OperandKind.IMMEDIATE) {
        immediate(op, 1);
      }
      return;
    }
    if (!general(0)) {
      other(op);
      return;
    }
    if (in.kind(1) == OperandKind.MEMORY) {
      op.kind = Op.Kind.LOAD;
      op.dst = in.register(0);
      memory(op, 1);
    } else if (plainMove && in.kind(1) == OperandKind.IMMEDIATE && in.size(0) >= 4) {
      op.kind = Op.Kind.SET;
      op.dst = in.register(0);
      immediate(op, 1);
      if (in.size(0) == 4) {
        op.imm &= 0xffff_ffffL;
      }
    } else if (plainMove && wide(0) && wide(1)) {
      op.kind = Op.Kind.MOVE;
      op.dst = in.register(0);
      op.src = in.register(1);
      op.size = pointer;
    } else {
      other(op);
    }
  }

  private void immediate(Op op, int i) {
    op.hasImm = true;
    op.imm = in.immediate(i);
  }

  private void source(Op op, int i) {
    switch (in.kind(i)) {
      case REGISTER -> {
        if (wide(i)) {
          op.src = in.register(i);
        }
      }
      case IMMEDIATE -> immediate(op, i);
      case MEMORY -> memory(op, i);
      case RELATIVE, FAR_POINTER -> {}
    }
  }

  private void twoOperands(Op op, Op.Kind kind) {
    if (!general(0) || in.size(0) != pointer && kind != Op.Kind.XOR) {
      other(op);
      return;
    }
    op.kind = kind;
    op.dst = in.register(0);
    source(op, 1);
    if (general(1)) {
      op.src = in.register(1);
    }
    op.size = in.size(0);
  }

  /** Nothing is tracked but what is overwritten. */
  private void other(Op op) {
    op.clobbers = in.registersWritten();
    StackEffect effect = in.stackEffect();
    switch (effect) {
      case PUSH -> {
        op.kind = Op.Kind.PUSH_OTHER;
        op.size = -in.stackDelta();
        op.clobbers &= ~(1 << Op.SP);
      }
      case POP -> {
        op.kind = Op.Kind.POP_OTHER;
        op.size = in.stackDelta();
        op.clobbers &= ~(1 << Op.SP);
      }
      case NONE, CALL, RETURN, ENTER, LEAVE, ADJUST, ALIGN, ASSIGN -> {
        int written = in.memoryOperand();
        if (written >= 0 && in.isWritten(written) && !in.isString()) {
          op.kind = Op.Kind.STORE;
          memory(op, written);
        }
      }
    }
  }
}
