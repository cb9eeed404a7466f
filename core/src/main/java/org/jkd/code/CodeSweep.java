// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Arrays;
import java.util.BitSet;
import org.jkd.image.Cancellation;

/**
 * Follows all code of a module once, from its certain starts, to learn what is called. Every
 * instruction is decoded once; nothing is kept of it but that it was seen.
 */
final class CodeSweep {
  /** Instructions per module: more than the largest kernel has. */
  private static final int MAX_INSTRUCTIONS = 16_000_000;

  private static final int MAX_SWITCH = 512;
  private static final long NEAR = 1 << 16;

  private final CodeImage image;
  private final FunctionScan map;
  private final OpReader reader;
  private final BitSet begun = new BitSet();
  private final BitSet inside = new BitSet();
  private final BitSet cases = new BitSet();
  private final long[] bounds;
  private long[] pending = new long[256];
  private long[] owners = new long[256];
  private int count;
  private int decoded;
  private boolean doubtful;

  /**
   * @param certain the number of starts in the map that are certain
   */
  CodeSweep(CodeImage image, FunctionScan map, int certain) {
    this.image = image;
    this.map = map;
    this.reader = new OpReader(image.arch());
    this.bounds = new long[certain];
    for (int i = 0; i < certain; i++) {
      bounds[i] = map.start(i);
    }
    Arrays.sort(bounds);
  }

  /** Follows all certain starts. */
  void run() {
    for (long start : bounds) {
      runFrom(start);
    }
  }

  /** Follows one start and all that it calls. */
  void runFrom(long start) {
    push(start, start);
    while (count > 0) {
      Cancellation.check();
      count--;
      follow(pending[count], owners[count]);
    }
  }

  /**
   * Reads on where no flow led: exception handlers, funclets, functions that only tables name. What
   * lies there may also be data, so calls count only if they lead to what may be a start.
   */
  void runGaps() {
    doubtful = true;
    for (CodeImage.Range range : image.executable()) {
      long at = range.start();
      while (at < range.end() && decoded < MAX_INSTRUCTIONS) {
        Cancellation.check();
        int offset = (int) (at - image.base());
        if (begun.get(offset) || inside.get(offset)) {
          at++;
          continue;
        }
        int b = image.u8(at);
        if (b < 0) {
          at = (at | CodeImage.PAGE - 1) + 1;
          continue;
        }
        if (b != 0xcc && b != 0x90) {
          runFrom(at);
        }
        at++;
      }
    }
  }

  /** True when an instruction that was followed covers the address. */
  boolean touches(long address) {
    int at = (int) (address - image.base());
    return begun.get(at) || inside.get(at);
  }

  /** True when the table of a switch leads to the address. */
  boolean isCase(long address) {
    return cases.get((int) (address - image.base()));
  }

  private void push(long address, long owner) {
    if (!image.isExecutable(address) || touches(address)) {
      return;
    }
    if (count == pending.length) {
      pending = Arrays.copyOf(pending, count * 2);
      owners = Arrays.copyOf(owners, count * 2);
    }
    pending[count] = address;
    owners[count++] = owner;
  }

  private void follow(long start, long owner) {
    long at = start;
    while (image.isExecutable(at) && !touches(at) && decoded < MAX_INSTRUCTIONS) {
      Op op = reader.read(image, at);
      if (op == null) {
        return;
      }
      decoded++;
      int offset = (int) (at - image.base());
      begun.set(offset);
      inside.set(offset + 1, offset + op.length);
      if (!step(op, owner)) {
        return;
      }
      at = op.next();
    }
  }

  private boolean step(Op op, long owner) {
    switch (op.kind) {
      case CALL -> {
        if (!op.isCallOfNext() && image.isExecutable(op.target)) {
          if (!doubtful || map.startsHere(op.target)) {
            map.reached(op.target, FunctionMap.CALL, owner);
            push(op.target, op.target);
          }
        }
        return image.u8(op.next()) != 0xcc;
      }
      case CALL_MEMORY, CALL_REGISTER -> {
        return image.u8(op.next()) != 0xcc;
      }
      case BRANCH, JUMP -> {
        jump(op.target, owner);
      }
      case JUMP_MEMORY -> {
        switchTable(op, owner);
      }
      case BREAK -> {
        return image.u8(op.next()) != 0xcc;
      }
      default -> {}
    }
    return !op.endsFlow();
  }

  private void jump(long target, long owner) {
    if (!image.isExecutable(target)) {
      return;
    }
    if (floor(target) == floor(owner)) {
      push(target, owner);
    } else if (map.sourcesAt(target) == 0 && !doubtful) {
      map.reached(target, FunctionMap.JUMP, owner);
      push(target, target);
    }
  }

  private int floor(long address) {
    int i = Arrays.binarySearch(bounds, address);
    return i >= 0 ? i : -i - 2;
  }

  private void switchTable(Op jump, long owner) {
    int width = image.arch().pointerSize();
    if (jump.index == Op.NONE || jump.base != Op.NONE || jump.scale != width) {
      return;
    }
    byte[] entry = new byte[8];
    for (int i = 0; i < MAX_SWITCH; i++) {
      long at = image.arch().address(jump.disp) + (long) i * width;
      long target = pointer(at, entry, width);
      if (i > 0 && image.beginsTable(at)
          || !image.isExecutable(target)
          || Math.abs(target - owner) > NEAR) {
        return;
      }
      cases.set((int) (target - image.base()));
      // The table itself is no code.
      int entryAt = (int) (at - image.base());
      if (entryAt >= 0) {
        inside.set(entryAt, entryAt + width);
      }
      push(target, owner);
    }
  }

  private long pointer(long address, byte[] buffer, int width) {
    if (image.read(address, buffer, 0, width) != width) {
      return 0;
    }
    long value = 0;
    for (int b = width - 1; b >= 0; b--) {
      value = value << 8 | buffer[b] & 0xff;
    }
    return value;
  }
}
