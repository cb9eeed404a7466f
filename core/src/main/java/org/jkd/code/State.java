// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Arrays;

/**
 * The abstract machine at one instruction: a {@link Value} per register, and the stack slots whose
 * content is known.
 */
final class State {
  /** More slots than this are not tracked; enough for any prologue and argument list. */
  static final int MAX_SLOTS = 96;

  /** Keys of slots relative to an aligned stack pointer lie this far from the others. */
  private static final int ALIGNED_KEYS = 1 << 28;

  private static final int MAX_OFFSET = 1 << 27;

  /** Bytes of the widest store (fxsave and wider ones reach past what is tracked anyway). */
  private static final int MAX_STORE = 512;

  private static final int X86_VOLATILE = 1 << Op.AX | 1 << Op.CX | 1 << Op.DX;
  private static final int X64_VOLATILE = X86_VOLATILE | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11;

  final int pointer;
  final long[] regs;

  /**
   * Calls whose popped bytes are not known and are to be added to the stack pointer; one bit each.
   */
  long pops;

  /** As {@link #pops}, for calls whose popped bytes were assumed after all. */
  long assumed;

  /** Bytes pushed for calls to come. */
  int outstanding;

  /** What the stack pointer was aligned to, and its offset from the return address before. */
  int alignment;

  long beforeAlignment;

  private int[] keys = new int[8];
  private long[] values = new long[8];
  private int count;

  /** 0 or 1 when known, else -1. */
  int carry = -1;

  /** The operands of the last comparison. */
  long compareLeft;

  long compareRight;

  private State(int pointer, long[] regs) {
    this.pointer = pointer;
    this.regs = regs;
  }

  /** The state on entry of a function. */
  static State entry(int pointer) {
    long[] regs = new long[pointer == 4 ? 8 : 16];
    for (int i = 0; i < regs.length; i++) {
      regs[i] = Value.entry(i);
    }
    regs[Op.SP] = Value.stack(0);
    State state = new State(pointer, regs);
    state.set(0, Value.returnAddress());
    return state;
  }

  /** A state in which nothing is known. */
  static State unknown(int pointer) {
    return new State(pointer, new long[pointer == 4 ? 8 : 16]);
  }

  State copy() {
    State c = new State(pointer, new long[regs.length]);
    c.become(this);
    return c;
  }

  /** Takes over all of another state. */
  void become(State other) {
    System.arraycopy(other.regs, 0, regs, 0, regs.length);
    pops = other.pops;
    assumed = other.assumed;
    outstanding = other.outstanding;
    alignment = other.alignment;
    beforeAlignment = other.beforeAlignment;
    keys = other.keys.clone();
    values = other.values.clone();
    count = other.count;
    carry = other.carry;
    compareLeft = other.compareLeft;
    compareRight = other.compareRight;
  }

  long sp() {
    return regs[Op.SP];
  }

  /** True when the stack pointer is a known number of bytes from the return-address slot. */
  boolean spKnown() {
    return pops == 0 && Value.isStack(sp());
  }

  /** Keeps what holds in both states. True when this state lost something. */
  boolean join(State other) {
    boolean changed = false;
    for (int i = 0; i < regs.length; i++) {
      if (regs[i] != other.regs[i] && regs[i] != Value.TOP) {
        regs[i] = Value.TOP;
        changed = true;
      }
    }
    if (pops != other.pops) {
      // The equation between the two is the caller's business.
      changed |= regs[Op.SP] != Value.TOP;
      regs[Op.SP] = Value.TOP;
      pops = 0;
    }
    if ((assumed | other.assumed) != assumed) {
      assumed |= other.assumed;
      changed = true;
    }
    if (other.outstanding > outstanding) {
      outstanding = other.outstanding;
      changed = true;
    }
    if (alignment != other.alignment || beforeAlignment != other.beforeAlignment) {
      if (alignment == 0 && !Value.isAligned(sp())) {
        changed |= other.alignment != 0;
        alignment = other.alignment;
        beforeAlignment = other.beforeAlignment;
      } else if (other.alignment != 0 && Value.isAligned(sp())) {
        regs[Op.SP] = Value.TOP;
        changed = true;
      }
    }
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (other.slot(keys[i]) == values[i]) {
        keys[kept] = keys[i];
        values[kept++] = values[i];
      }
    }
    changed |= kept != count;
    count = kept;
    carry = carry == other.carry ? carry : -1;
    if (compareLeft != other.compareLeft || compareRight != other.compareRight) {
      compareLeft = Value.TOP;
      compareRight = Value.TOP;
    }
    return changed;
  }

  /** The slot key of a stack address, or {@code Integer.MIN_VALUE} if it is none. */
  static int key(long address) {
    long offset = Value.payload(address);
    if (Math.abs(offset) >= MAX_OFFSET) {
      return Integer.MIN_VALUE;
    }
    if (Value.isStack(address)) {
      return (int) offset;
    }
    return Value.isAligned(address) ? (int) offset + ALIGNED_KEYS : Integer.MIN_VALUE;
  }

  /** What a slot holds, {@link Value#TOP} when that is not known. */
  long slot(int key) {
    int i = Arrays.binarySearch(keys, 0, count, key);
    return i < 0 ? Value.TOP : values[i];
  }

  int slotCount() {
    return count;
  }

  int slotKey(int i) {
    return keys[i];
  }

  long slotValue(int i) {
    return values[i];
  }

  void set(int key, long value) {
    int i = Arrays.binarySearch(keys, 0, count, key);
    if (i >= 0) {
      if (value == Value.TOP) {
        System.arraycopy(keys, i + 1, keys, i, count - i - 1);
        System.arraycopy(values, i + 1, values, i, count - i - 1);
        count--;
      } else {
        values[i] = value;
      }
      return;
    }
    if (value == Value.TOP || count == MAX_SLOTS) {
      return;
    }
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, count * 2);
      values = Arrays.copyOf(values, count * 2);
    }
    int at = -i - 1;
    System.arraycopy(keys, at, keys, at + 1, count - at);
    System.arraycopy(values, at, values, at + 1, count - at);
    keys[at] = key;
    values[at] = value;
    count++;
  }

  /** The address that a memory operand means, {@link Value#TOP} when it is not known. */
  long addressOf(Op op) {
    if (op.segment) {
      return Value.TOP;
    }
    long address = Value.constant(op.disp);
    if (op.base != Op.NONE) {
      if (op.base == Op.SP && pops != 0) {
        return Value.TOP;
      }
      address = Value.plus(regs[op.base], op.disp);
    }
    if (op.index != Op.NONE) {
      long index = regs[op.index];
      address =
          Value.isConstant(index)
              ? Value.plus(address, Value.payload(index) * op.scale)
              : Value.TOP;
    }
    return address;
  }

  private long load(Op op) {
    if (op.size != pointer) {
      return Value.TOP;
    }
    long address = addressOf(op);
    int key = key(address);
    if (key != Integer.MIN_VALUE) {
      return slot(key);
    }
    return op.isAbsolute() ? Value.pointee(op.disp) : Value.TOP;
  }

  private void store(Op op, long value) {
    int key = key(addressOf(op));
    if (key == Integer.MIN_VALUE) {
      return;
    }
    if (op.size == pointer) {
      set(key, value);
      return;
    }
    int bytes = Math.clamp(op.size, 1, MAX_STORE);
    for (int at = Math.floorDiv(key, pointer) * pointer; at < key + bytes; at += pointer) {
      set(at, Value.TOP);
    }
  }

  private long operand(Op op) {
    if (op.src != Op.NONE) {
      return regs[op.src];
    }
    return op.hasMemory ? load(op) : op.hasImm ? Value.constant(op.imm) : Value.TOP;
  }

  void push(long value, int size) {
    regs[Op.SP] = Value.plus(regs[Op.SP], -size);
    outstanding += size;
    int key = pops == 0 ? key(sp()) : Integer.MIN_VALUE;
    if (key != Integer.MIN_VALUE) {
      set(key, value);
    }
  }

  /** Takes the top of the stack; what lies below the stack pointer is forgotten. */
  long pop(int size) {
    int key = pops == 0 ? key(sp()) : Integer.MIN_VALUE;
    long value = key == Integer.MIN_VALUE ? Value.TOP : slot(key);
    setSp(Value.plus(regs[Op.SP], size));
    outstanding = Math.max(0, outstanding - size);
    return value;
  }

  private void setSp(long value) {
    regs[Op.SP] = value;
    dropBelow();
  }

  private void dropBelow() {
    if (pops != 0) {
      return;
    }
    int limit = key(sp());
    if (limit == Integer.MIN_VALUE) {
      return;
    }
    int from = limit >= ALIGNED_KEYS / 2 ? ALIGNED_KEYS / 2 : Integer.MIN_VALUE;
    int kept = 0;
    for (int i = 0; i < count; i++) {
      // In the aligned regime the slots above the alignment stay alive as well.
      if (keys[i] >= limit || keys[i] < from) {
        keys[kept] = keys[i];
        values[kept++] = values[i];
      }
    }
    count = kept;
  }

  /** A register gets a value that may change the stack pointer. */
  void assign(int register, long value) {
    if (register == Op.SP) {
      pops = 0;
      assumed = 0;
      setSp(value);
    } else {
      regs[register] = value;
    }
  }

  /** Everything but calls and flow. */
  void apply(Op op) {
    if (writesFlags(op)) {
      compareLeft = Value.TOP;
      compareRight = Value.TOP;
    }
    switch (op.kind) {
      case MOVE -> {
        if (op.src == Op.SP && pops != 0) {
          assign(op.dst, Value.TOP);
        } else {
          assign(op.dst, op.size == pointer ? regs[op.src] : Value.TOP);
        }
        if (op.src == Op.SP && op.dst == Op.BP) {
          outstanding = 0;
        }
      }
      case SET -> assign(op.dst, Value.constant(op.imm));
      case LOAD -> assign(op.dst, load(op));
      case STORE -> store(op, op.src != Op.NONE ? regs[op.src] : operandImm(op));
      case LEA -> {
        if (op.dst == Op.SP && op.base == Op.SP && op.index == Op.NONE) {
          moveSp(op.disp);
        } else {
          assign(op.dst, addressOf(op));
        }
      }
      case ADD -> arithmetic(op, true);
      case SUB -> arithmetic(op, false);
      case AND -> and(op);
      case XOR -> {
        boolean zero = op.src == op.dst && !op.hasMemory;
        assign(op.dst, zero ? Value.constant(0) : Value.TOP);
        carry = 0;
      }
      case NEG -> {
        long v = regs[op.dst];
        assign(op.dst, Value.isConstant(v) ? Value.constant(-Value.payload(v)) : Value.TOP);
        carry = -1;
      }
      case NOT -> {
        long v = regs[op.dst];
        assign(op.dst, Value.isConstant(v) ? Value.constant(~Value.payload(v)) : Value.TOP);
      }
      case SBB_SELF -> assign(op.dst, carry < 0 ? Value.TOP : Value.constant(-(long) carry));
      case COMPARE -> {
        compareLeft = op.dst == Op.NONE ? Value.TOP : regs[op.dst];
        compareRight = operand(op);
        carry = -1;
      }
      case EXCHANGE -> {
        long a = regs[op.dst];
        assign(op.dst, regs[op.src]);
        assign(op.src, a);
      }
      case PUSH -> {
        boolean save = isSave(op.src);
        push(regs[op.src], op.size);
        if (save) {
          // What was pushed before, for instance ecx to make room for a local, is no argument.
          outstanding = 0;
        }
      }
      case PUSH_IMM -> push(Value.constant(op.imm), op.size);
      case PUSH_MEMORY -> push(load(op), op.size);
      case PUSH_OTHER -> push(Value.TOP, op.size);
      case POP -> {
        long value = pop(op.size);
        if (op.dst == Op.SP) {
          assign(Op.SP, value);
        } else {
          regs[op.dst] = op.size == pointer ? value : Value.TOP;
        }
      }
      case POP_OTHER -> pop(op.size);
      case PUSH_ALL -> {
        long sp = sp();
        for (int r = 0; r < 8; r++) {
          push(r == Op.SP ? sp : regs[r], op.size);
        }
      }
      case POP_ALL -> {
        for (int r = 7; r >= 0; r--) {
          long value = pop(op.size);
          if (r != Op.SP) {
            regs[r] = value;
          }
        }
      }
      case LEAVE -> {
        assign(Op.SP, regs[Op.BP]);
        regs[Op.BP] = pop(op.size);
        outstanding = 0;
      }
      case ENTER -> {
        push(regs[Op.BP], op.size);
        regs[Op.BP] = pops == 0 ? sp() : Value.TOP;
        moveSp(-op.imm - (long) op.src * op.size);
      }
      case OTHER,
          CALL,
          CALL_REGISTER,
          CALL_MEMORY,
          JUMP,
          JUMP_REGISTER,
          JUMP_MEMORY,
          BRANCH,
          RETURN,
          INTERRUPT_RETURN,
          STOP,
          BREAK -> {}
    }
    if (op.clobbers != 0) {
      clobber(op.clobbers);
    }
  }

  /** A push of a register that belongs to the caller saves it and is no argument. */
  private boolean isSave(int register) {
    boolean nonvolatile = register == Op.BX || register >= Op.BP;
    return nonvolatile && regs[register] == Value.entry(register);
  }

  private static boolean writesFlags(Op op) {
    return switch (op.kind) {
      case ADD, SUB, AND, XOR, NEG, SBB_SELF, COMPARE, OTHER, POP_OTHER -> true;
      case STORE -> op.src == Op.NONE && !op.hasImm;
      default -> false;
    };
  }

  private static long operandImm(Op op) {
    return op.hasImm ? Value.constant(op.imm) : Value.TOP;
  }

  void clobber(int mask) {
    for (int r = 0; r < regs.length; r++) {
      if ((mask & 1 << r) != 0) {
        assign(r, Value.TOP);
      }
    }
    carry = -1;
  }

  /** The stack pointer moves by a known number of bytes; positive frees stack. */
  private void moveSp(long bytes) {
    regs[Op.SP] = Value.plus(regs[Op.SP], bytes);
    if (bytes < 0) {
      // Locals: what was pushed before them is no argument.
      outstanding = 0;
    } else {
      outstanding = (int) Math.max(0, outstanding - bytes);
      dropBelow();
    }
  }

  private void arithmetic(Op op, boolean add) {
    long right = operand(op);
    if (op.dst == Op.SP && Value.isConstant(right)) {
      long n = Value.payload(right);
      moveSp(add ? n : -n);
      carry = -1;
      return;
    }
    if (op.size != pointer) {
      assign(op.dst, Value.TOP);
      return;
    }
    if (op.dst == Op.SP && pops != 0 || op.src == Op.SP && pops != 0) {
      assign(op.dst, Value.TOP);
      return;
    }
    long left = regs[op.dst];
    assign(op.dst, add ? Value.plusValue(left, right) : Value.minusValue(left, right));
    carry = -1;
    // A stack address minus a size does not borrow: stacks lie far above any size.
    if (!add && (Value.isStack(left) || Value.isAligned(left)) && Value.isConstant(right)) {
      carry = 0;
    }
    if (!add) {
      compareLeft = left;
      compareRight = right;
    }
  }

  private void and(Op op) {
    long right = operand(op);
    long left = regs[op.dst];
    carry = 0;
    if (Value.isConstant(right)) {
      long mask = Value.payload(right);
      if (mask == -1 || pointer == 4 && (int) mask == -1) {
        return;
      }
      long alignment = -(pointer == 4 ? (int) mask : mask);
      boolean aligns = alignment > 0 && alignment <= 4096 && Long.bitCount(alignment) == 1;
      if (aligns && op.dst == Op.SP && pops == 0) {
        align(left, (int) alignment);
        return;
      }
      if (Value.isConstant(left)) {
        assign(op.dst, Value.constant(Value.payload(left) & mask));
        return;
      }
    }
    assign(op.dst, Value.TOP);
  }

  private void align(long sp, int to) {
    if (to <= pointer) {
      return;
    }
    if (Value.isStack(sp)) {
      alignment = to;
      beforeAlignment = Value.payload(sp);
      regs[Op.SP] = Value.aligned(0);
      outstanding = 0;
    } else if (Value.isAligned(sp) && to <= alignment) {
      regs[Op.SP] = Value.aligned(Math.floorDiv(Value.payload(sp), to) * (long) to);
    } else {
      regs[Op.SP] = Value.TOP;
    }
  }

  /** After a call that returns: what callees may change is unknown. */
  void afterCall(int preserved) {
    int changed = (pointer == 4 ? X86_VOLATILE : X64_VOLATILE) & ~preserved;
    clobber(changed);
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (!Value.isConstant(values[i])) {
        keys[kept] = keys[i];
        values[kept++] = values[i];
      }
    }
    count = kept;
    compareLeft = Value.TOP;
    compareRight = Value.TOP;
  }

  /** The bytes that a callee popped. */
  void popped(int bytes) {
    moveSp(bytes);
    outstanding = Math.max(0, outstanding);
  }

  /** The callee popped bytes that are not known yet; they are unknown number {@code variable}. */
  void poppedUnknown(int variable) {
    pops |= 1L << variable;
    outstanding = 0;
  }
}
