// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Arrays;
import org.jkd.cpu.Arch;
import org.jspecify.annotations.Nullable;

/**
 * Reads the targets of a jump through a table. Entries are read while they lead to places that can
 * belong to the function, so a bound need not be known.
 */
final class SwitchTable {
  /** Instructions before the jump in which its address is computed. */
  private static final int WINDOW = 12;

  private static final int MAX_INSTRUCTION = 15;

  private SwitchTable() {}

  /** The targets in order of the table without repetition; empty when it is no known form. */
  static long[] targets(FlowGraph graph, CodeImage image, Op jump) {
    if (jump.kind == Op.Kind.JUMP_MEMORY) {
      boolean table = jump.index != Op.NONE && jump.base == Op.NONE && jump.scale == pointer(image);
      return table ? read(graph, image, jump.disp, pointer(image), 0) : new long[0];
    }
    return throughRegister(graph, image, jump);
  }

  private static int pointer(CodeImage image) {
    return image.arch().pointerSize();
  }

  /**
   * {@code mov r,[table+i*4]; jmp r} on x86; on x64 an offset is loaded from a table and added to
   * its base: {@code lea b,table; movsxd r,[b+i*4]; add r,b} or, with the image base, {@code mov
   * r,[b+i*4+table]}.
   */
  private static long[] throughRegister(FlowGraph graph, CodeImage image, Op jump) {
    int wanted = jump.src;
    int baseRegister = Op.NONE;
    Op at = jump;
    for (int i = 0; i < WINDOW; i++) {
      Op previous = previous(graph, at);
      if (previous == null) {
        break;
      }
      at = previous;
      if ((at.clobbers & 1 << wanted) != 0) {
        break;
      }
      if (at.dst != wanted || at.kind == Op.Kind.COMPARE) {
        continue;
      }
      if (at.kind == Op.Kind.ADD && at.src != Op.NONE && baseRegister == Op.NONE) {
        baseRegister = at.src;
        continue;
      }
      if (at.kind == Op.Kind.LEA && at.base != Op.NONE && at.index != Op.NONE) {
        break;
      }
      if (at.hasMemory && at.index != Op.NONE) {
        return readFound(graph, image, at, baseRegister);
      }
      if (at.kind != Op.Kind.MOVE || at.src == Op.NONE) {
        break;
      }
      wanted = at.src;
    }
    return new long[0];
  }

  private static long[] readFound(FlowGraph graph, CodeImage image, Op load, int baseRegister) {
    if (baseRegister == Op.NONE) {
      return load.base == Op.NONE && load.scale == pointer(image)
          ? read(graph, image, load.disp, pointer(image), 0)
          : new long[0];
    }
    if (load.scale != 4 || load.base == Op.NONE) {
      return new long[0];
    }
    long base = addressIn(graph, load, baseRegister);
    long tableBase = load.base == baseRegister ? base : addressIn(graph, load, load.base);
    if (base == 0 || tableBase == 0) {
      return new long[0];
    }
    return read(graph, image, tableBase + load.disp, 4, base);
  }

  /** The fixed address that a register was loaded with, 0 when that is not seen. */
  private static long addressIn(FlowGraph graph, Op before, int register) {
    long best = 0;
    long distance = Long.MAX_VALUE;
    for (Op op : graph.seenOps()) {
      boolean loads = op.kind == Op.Kind.LEA && op.isAbsolute() || op.kind == Op.Kind.SET;
      if (loads && op.dst == register && op.address < before.address) {
        long away = before.address - op.address;
        if (away < distance) {
          distance = away;
          best = op.kind == Op.Kind.SET ? op.imm : op.disp;
        }
      }
    }
    return best;
  }

  private static @Nullable Op previous(FlowGraph graph, Op op) {
    for (int back = 1; back <= MAX_INSTRUCTION; back++) {
      Op previous = graph.seen(op.address - back);
      if (previous != null && previous.next() == op.address) {
        return previous;
      }
    }
    return null;
  }

  private static long[] read(FlowGraph graph, CodeImage image, long at, int width, long base) {
    long table = image.arch().address(at);
    long[] targets = new long[16];
    int count = 0;
    byte[] entry = new byte[8];
    for (int i = 0; i < FlowGraph.MAX_SWITCH; i++) {
      if (image.read(table + (long) i * width, entry, 0, width) != width) {
        break;
      }
      long value = 0;
      for (int b = width - 1; b >= 0; b--) {
        value = value << 8 | entry[b] & 0xff;
      }
      long target = base == 0 ? value : base + (int) value;
      if (image.arch() == Arch.X86) {
        target &= 0xffff_ffffL;
      }
      // A table ends where the next one, or code, begins.
      boolean another = i > 0 && image.beginsTable(table + (long) i * width);
      if (another || !graph.plausibleCase(target) || graph.seen(table + (long) i * width) != null) {
        break;
      }
      if (!contains(targets, count, target)) {
        if (count == targets.length) {
          targets = Arrays.copyOf(targets, count * 2);
        }
        targets[count++] = target;
      }
    }
    return Arrays.copyOf(targets, count);
  }

  private static boolean contains(long[] targets, int count, long target) {
    for (int i = 0; i < count; i++) {
      if (targets[i] == target) {
        return true;
      }
    }
    return false;
  }
}
