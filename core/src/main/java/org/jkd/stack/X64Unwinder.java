// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import org.jspecify.annotations.Nullable;

/**
 * Leaves one x64 frame by unwind information, with the semantics of RtlVirtualUnwind (Microsoft
 * Learn, "x64 exception handling"): versions 1 and 2, chained and indirect entries, epilogues by
 * simulation, machine frames.
 */
final class X64Unwinder {
  private static final int MAX_CHAIN = 32;
  private static final int FLAG_CHAINED = 4;
  private static final int MAX_EPILOG_INSTRUCTIONS = 32;

  private static final int PUSH_NONVOL = 0;
  private static final int ALLOC_LARGE = 1;
  private static final int ALLOC_SMALL = 2;
  private static final int SET_FPREG = 3;
  private static final int SAVE_NONVOL = 4;
  private static final int SAVE_NONVOL_FAR = 5;

  /** Version 1: SAVE_XMM, two slots; version 2: a description of an epilogue, one slot. */
  private static final int EPILOG = 6;

  private static final int SPARE = 7;
  private static final int SAVE_XMM128 = 8;
  private static final int SAVE_XMM128_FAR = 9;
  private static final int PUSH_MACHFRAME = 10;

  private final StackWords words;

  X64Unwinder(StackWords words) {
    this.words = words;
  }

  /** How an attempt ended. */
  enum Outcome {
    /** The state is the caller's. */
    DONE,
    /** The state is what the processor was interrupted in. */
    MACHINE_FRAME,
    /** The unwind information is of an unknown version, or damaged. */
    BAD_INFORMATION,
    /** A word of the stack cannot be read. */
    UNREADABLE
  }

  /** The address from which the last instruction pointer was read. */
  long slot;

  /** Leaves a function without a frame: its return address is on top of the stack. */
  Outcome leaf(X64State state) {
    return popReturn(state);
  }

  /** Changes a state in a function into the state of its caller. */
  Outcome unwind(X64State state, StackWords image, long base, FunctionTable.Function entry) {
    FunctionTable.Function function = resolve(image, base, entry);
    if (function == null) {
      return Outcome.BAD_INFORMATION;
    }
    long offset = state.ip - base - function.begin();
    boolean first = true;
    for (int chain = 0; chain < MAX_CHAIN; chain++) {
      long info = base + function.unwind();
      if (!image.readable(info, 4)) {
        return Outcome.BAD_INFORMATION;
      }
      int version = image.u8(info) & 7;
      if (version != 1 && version != 2) {
        return Outcome.BAD_INFORMATION;
      }
      int count = image.u8(info + 2);
      if (count > 0 && !image.readable(info + 4 + 2L * count - 2, 2)) {
        return Outcome.BAD_INFORMATION;
      }
      boolean inProlog = first && offset < image.u8(info + 1);
      if (first
          && !inProlog
          && state.ip - base < function.end()
          && (version == 1 || inEpilog(image, info, count, state.ip - base, function))) {
        Outcome epilog = epilog(state, image, base, function, image.u8(info + 3) & 15);
        if (epilog != null) {
          return epilog;
        }
      }
      Outcome outcome = codes(state, image, info, version, count, inProlog ? offset : -1);
      if (outcome != null) {
        return outcome;
      }
      if ((image.u8(info) >> 3 & FLAG_CHAINED) == 0) {
        return popReturn(state);
      }
      long next = info + 4 + 2L * (count + 1 & ~1);
      if (!image.readable(next, 8) || !image.readable(next + 8, 4)) {
        return Outcome.BAD_INFORMATION;
      }
      function =
          resolve(
              image,
              base,
              new FunctionTable.Function(
                  image.u32(next), image.u32(next + 4), image.u32(next + 8)));
      if (function == null) {
        return Outcome.BAD_INFORMATION;
      }
      first = false;
    }
    return Outcome.BAD_INFORMATION;
  }

  /** An odd address of unwind information is that of another entry, plus one. */
  private static FunctionTable.@Nullable Function resolve(
      StackWords image, long base, FunctionTable.Function entry) {
    FunctionTable.Function function = entry;
    for (int i = 0; (function.unwind() & 1) != 0; i++) {
      long at = base + function.unwind() - 1;
      if (i == MAX_CHAIN || !image.readable(at, 8) || !image.readable(at + 8, 4)) {
        return null;
      }
      function = new FunctionTable.Function(image.u32(at), image.u32(at + 4), image.u32(at + 8));
    }
    return function;
  }

  /**
   * Undoes the operations of one block of codes.
   *
   * @param offset how far into the prologue the function has come, −1 when it is past it
   * @return null when the block is done and the frame not yet left
   */
  private @Nullable Outcome codes(
      X64State state, StackWords image, long info, int version, int count, long offset) {
    int frameByte = image.u8(info + 3);
    int frameRegister = frameByte & 15;
    long frameOffset = (frameByte >> 4) * 16L;
    long frameBase = state.sp();
    if (frameRegister != 0 && (offset < 0 || hasFrame(image, info, version, count, offset))) {
      frameBase = state.registers[frameRegister] - frameOffset;
    }
    int i = 0;
    while (i < count) {
      long code = info + 4 + 2L * i;
      int op = image.u8(code + 1) & 15;
      int opInfo = image.u8(code + 1) >> 4;
      int slots = slots(version, op, opInfo);
      if (slots == 0 || i + slots > count) {
        return Outcome.BAD_INFORMATION;
      }
      long operand16 = slots > 1 ? image.number(code + 2, 2) : 0;
      long operand32 = slots > 2 ? image.u32(code + 2) : 0;
      i += slots;
      if (offset >= 0 && image.u8(code) > offset) {
        continue;
      }
      switch (op) {
        case PUSH_NONVOL -> {
          if (!restore(state, opInfo, state.sp())) {
            return Outcome.UNREADABLE;
          }
          state.registers[X64State.RSP] += 8;
        }
        case ALLOC_LARGE ->
            state.registers[X64State.RSP] += opInfo == 0 ? operand16 * 8 : operand32;
        case ALLOC_SMALL -> state.registers[X64State.RSP] += opInfo * 8L + 8;
        case SET_FPREG ->
            state.registers[X64State.RSP] = state.registers[frameRegister] - frameOffset;
        case SAVE_NONVOL -> {
          if (!restore(state, opInfo, frameBase + operand16 * 8)) {
            return Outcome.UNREADABLE;
          }
        }
        case SAVE_NONVOL_FAR -> {
          if (!restore(state, opInfo, frameBase + operand32)) {
            return Outcome.UNREADABLE;
          }
        }
        case PUSH_MACHFRAME -> {
          return machineFrame(state, opInfo);
        }
        default -> {
          // Floating point registers and epilogue descriptions change nothing here.
        }
      }
    }
    return null;
  }

  private static boolean hasFrame(
      StackWords image, long info, int version, int count, long offset) {
    int i = 0;
    while (i < count) {
      long code = info + 4 + 2L * i;
      int op = image.u8(code + 1) & 15;
      if (op == SET_FPREG) {
        return image.u8(code) <= offset;
      }
      i += Math.max(1, slots(version, op, image.u8(code + 1) >> 4));
    }
    return false;
  }

  /** How many slots an operation takes, 0 if there is no such operation. */
  private static int slots(int version, int op, int opInfo) {
    return switch (op) {
      case PUSH_NONVOL, ALLOC_SMALL, SET_FPREG, PUSH_MACHFRAME -> 1;
      case ALLOC_LARGE -> opInfo == 0 ? 2 : opInfo == 1 ? 3 : 0;
      case SAVE_NONVOL, SAVE_XMM128 -> 2;
      case SAVE_NONVOL_FAR, SAVE_XMM128_FAR, SPARE -> 3;
      case EPILOG -> version == 1 ? 2 : 1;
      default -> 0;
    };
  }

  private Outcome machineFrame(X64State state, int errorCode) {
    long frame = state.sp() + (errorCode != 0 ? 8 : 0);
    if (errorCode > 1) {
      return Outcome.BAD_INFORMATION;
    }
    if (!words.readable(frame, 8) || !words.readable(frame + 24, 8)) {
      return Outcome.UNREADABLE;
    }
    slot = frame;
    state.ip = words.u64(frame);
    state.set(X64State.RSP, words.u64(frame + 24));
    state.exact = true;
    return Outcome.MACHINE_FRAME;
  }

  private Outcome popReturn(X64State state) {
    long sp = state.sp();
    if (!words.readable(sp, 8)) {
      return Outcome.UNREADABLE;
    }
    slot = sp;
    state.ip = words.u64(sp);
    state.set(X64State.RSP, sp + 8);
    state.exact = false;
    return Outcome.DONE;
  }

  private boolean restore(X64State state, int register, long address) {
    if (!words.readable(address, 8)) {
      return false;
    }
    state.set(register, words.u64(address));
    return true;
  }

  /**
   * Version 2 says where the epilogues are: the leading codes with operation 6, one slot each. The
   * first gives the size of every epilogue and (bit 0 of its info) whether one ends with the
   * function; the others give distances from the function's end. (Read off the images of Windows
   * 10.)
   */
  private static boolean inEpilog(
      StackWords image, long info, int count, long rva, FunctionTable.Function function) {
    int size = 0;
    for (int i = 0; i < count; i++) {
      long code = info + 4 + 2L * i;
      int op = image.u8(code + 1) & 15;
      int opInfo = image.u8(code + 1) >> 4;
      if (op != EPILOG) {
        break;
      }
      long start;
      if (i == 0) {
        size = image.u8(code);
        if ((opInfo & 1) == 0) {
          continue;
        }
        start = function.end() - size;
      } else {
        int distance = opInfo << 8 | image.u8(code);
        if (distance == 0) {
          continue;
        }
        start = function.end() - distance;
      }
      if (rva >= start && rva < start + size) {
        return true;
      }
    }
    return false;
  }

  /**
   * Runs the rest of an epilogue, if the instructions from here on are one.
   *
   * @return null if they are not, and the state is as it was
   */
  private @Nullable Outcome epilog(
      X64State state,
      StackWords image,
      long base,
      FunctionTable.Function function,
      int frameRegister) {
    X64State after = state.copy();
    long at = state.ip;
    int rex = rex(image, at);
    int opcode = image.u8(at + (rex != 0 ? 1 : 0));
    if ((rex & 8) != 0 && (opcode == 0x83 || opcode == 0x81) && image.u8(at + 2) == 0xc4) {
      long amount = opcode == 0x83 ? (byte) image.u8(at + 3) : (int) image.u32(at + 3);
      after.registers[X64State.RSP] += amount;
      at += opcode == 0x83 ? 4 : 7;
    } else if ((rex & 8) != 0 && opcode == 0x8d && frameRegister != 0) {
      int modRm = image.u8(at + 2);
      int register = (modRm & 7) | (rex & 1) << 3;
      int mod = modRm >> 6;
      // A SIB byte (rm 4) follows only when the frame register is RSP or R12.
      if ((modRm >> 3 & 7) != X64State.RSP
          || (rex & 4) != 0
          || register != frameRegister
          || (modRm & 7) == 4
          || mod != 1 && mod != 2) {
        return null;
      }
      long amount = mod == 1 ? (byte) image.u8(at + 3) : (int) image.u32(at + 3);
      after.registers[X64State.RSP] = after.registers[frameRegister] + amount;
      at += mod == 1 ? 4 : 7;
    }
    for (int i = 0; i < MAX_EPILOG_INSTRUCTIONS; i++) {
      rex = rex(image, at);
      opcode = image.u8(at + (rex != 0 ? 1 : 0));
      if (opcode < 0x58 || opcode > 0x5f) {
        break;
      }
      if (!restore(after, (opcode & 7) | (rex & 1) << 3, after.sp())) {
        return null;
      }
      after.registers[X64State.RSP] += 8;
      at += rex != 0 ? 2 : 1;
    }
    if (!leaves(image, at, base, function)) {
      return null;
    }
    System.arraycopy(after.registers, 0, state.registers, 0, after.registers.length);
    state.known = after.known;
    return popReturn(state);
  }

  /** True when the instruction at an address ends an epilogue. */
  private static boolean leaves(
      StackWords image, long at, long base, FunctionTable.Function function) {
    int opcode = image.u8(at);
    if (opcode == 0xf2 || opcode == 0xf3) { // bnd ret (__chkstk of Visual Studio 2019), rep ret
      return image.u8(at + 1) == 0xc3;
    }
    if (opcode == 0xc3 || opcode == 0xc2) {
      return true;
    }
    if (opcode == 0xe9 || opcode == 0xeb) {
      long target =
          (opcode == 0xe9 ? at + 5 + (int) image.u32(at + 1) : at + 2 + (byte) image.u8(at + 1))
              - base;
      // A jump to elsewhere, or to the function's own start, is a tail call.
      return target <= function.begin() || target >= function.end();
    }
    if (opcode == 0xff) {
      return image.u8(at + 1) == 0x25; // jmp [rip+…]
    }
    int rex = rex(image, at);
    return (rex & 8) != 0 && image.u8(at + 1) == 0xff && (image.u8(at + 2) >> 3 & 7) == 4;
  }

  private static int rex(StackWords image, long at) {
    int first = image.u8(at);
    return (first & 0xf0) == 0x40 ? first : 0;
  }
}
