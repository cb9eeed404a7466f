// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.pe.RuntimeFunctions;

/**
 * Stack depth by the unwind codes of x64 images (UNWIND_INFO versions 1 and 2, documented in "x64
 * exception handling").
 */
final class UnwindDepth {
  /** Entries that lead to their parents; real chains have one or two links. */
  private static final int MAX_CHAIN = 32;

  private static final int CHAINED = 4;

  private UnwindDepth() {}

  /**
   * What the codes say about an instruction outside of epilogues.
   *
   * @param depth bytes from RSP, after the prologue's pushes and allocations so far, to the slot
   * @param frameRegister the register that holds the frame, -1 if none is established there
   * @param frameOffset bytes from that register up to the return-address slot
   */
  record Frame(int depth, int frameRegister, int frameOffset) {}

  /** True for an entry that continues another function: its unwind information is chained. */
  static boolean isPart(RuntimeFunctions functions, RuntimeFunctions.Entry entry) {
    if ((entry.unwindInfo() & 1) != 0) {
      return true;
    }
    Optional<Bytes> info = functions.unwindInfo(entry.unwindInfo());
    return info.isPresent() && (info.get().u8(0) >>> 3 & CHAINED) != 0;
  }

  /** The entry of the function that the one at an address is a part of. */
  static Optional<RuntimeFunctions.Entry> root(RuntimeFunctions functions, long rva) {
    Optional<RuntimeFunctions.Entry> entry = functions.find(rva);
    for (int i = 0; i < MAX_CHAIN && entry.isPresent(); i++) {
      Optional<Bytes> info = functions.unwindInfo(entry.get().unwindInfo());
      if (info.isEmpty() || (info.get().u8(0) >>> 3 & CHAINED) == 0) {
        return entry;
      }
      Optional<RuntimeFunctions.Entry> parent = parent(info.get());
      if (parent.isEmpty()) {
        return entry;
      }
      entry = parent;
    }
    return entry;
  }

  private static Optional<RuntimeFunctions.Entry> parent(Bytes info) {
    long at = 4 + 2L * (info.u8(2) + 1 & ~1);
    return info.has(at, 12)
        ? Optional.of(new RuntimeFunctions.Entry(info.u32(at), info.u32(at + 4), info.u32(at + 8)))
        : Optional.empty();
  }

  /** The frame at an address; empty when the image has no codes for it that can be read. */
  static Optional<Frame> at(RuntimeFunctions functions, long rva) {
    Optional<RuntimeFunctions.Entry> found = functions.find(rva);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    RuntimeFunctions.Entry entry = found.get();
    long into = rva - entry.begin();
    Sum sum = new Sum();
    for (int i = 0; i < MAX_CHAIN; i++) {
      Optional<Bytes> info = functions.unwindInfo(entry.unwindInfo());
      if (info.isEmpty() || !sum.add(info.get(), into)) {
        return Optional.empty();
      }
      if ((info.get().u8(0) >>> 3 & CHAINED) == 0) {
        return Optional.of(sum.frame());
      }
      Optional<RuntimeFunctions.Entry> parent = parent(info.get());
      if (parent.isEmpty()) {
        return Optional.empty();
      }
      entry = parent.get();
      // The parent's prologue has been run in full.
      into = Long.MAX_VALUE;
    }
    return Optional.empty();
  }

  private static final class Sum {
    private int depth;
    private int register = -1;
    private int registerOffset;
    private int depthAtFrame;
    private boolean machineFrame;

    /** False when the codes are of an unknown kind. */
    boolean add(Bytes info, long into) {
      int version = info.u8(0) & 7;
      if (version != 1 && version != 2) {
        return false;
      }
      int count = info.u8(2);
      int frame = info.u8(3);
      int i = 0;
      while (i < count) {
        if (!info.has(4 + 2L * i, 2)) {
          return false;
        }
        int at = info.u8(4 + 2L * i);
        int code = info.u8(5 + 2L * i);
        int op = code & 15;
        int detail = code >>> 4;
        boolean done = at <= into;
        long operand = 4 + 2L * (i + 1);
        int slots = slots(op, detail);
        if (slots == 0 || slots > 1 && !info.has(operand, 2L * (slots - 1))) {
          return false;
        }
        // Version 2 keeps descriptions of epilogues among the codes.
        if (done && op != 6) {
          apply(info, op, detail, operand, frame);
        }
        i += slots;
      }
      return true;
    }

    private static int slots(int op, int detail) {
      return switch (op) {
        case 0, 2, 3, 6, 10 -> 1;
        case 1 -> detail == 0 ? 2 : 3;
        case 4, 8 -> 2;
        case 5, 7, 9 -> 3;
        default -> 0;
      };
    }

    private void apply(Bytes info, int op, int detail, long operand, int frame) {
      switch (op) {
        case 0 -> depth += 8;
        case 1 -> depth += detail == 0 ? info.u16(operand) * 8 : info.i32(operand);
        case 2 -> depth += detail * 8 + 8;
        case 3 -> {
          register = frame & 15;
          registerOffset = (frame >>> 4) * 16;
          // Codes stand in reverse order: what follows happened before.
          depthAtFrame = depth;
        }
        case 10 -> machineFrame = true;
        default -> {}
      }
    }

    Frame frame() {
      int total = machineFrame ? -1 : depth;
      int offset = depth - depthAtFrame - registerOffset;
      return new Frame(total, register, offset);
    }
  }
}
