// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.crash;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jkd.sample.crash.SmallModule.Function;
import org.jkd.sample.format.VirtualMemory;

/** Runs calls on a stack: every word lies where the code of the functions puts it. */
public final class CallStack {
  private static final long KERNEL_CODE = 0x10;
  private static final long FLAGS = 0x10286;

  private final boolean wide;
  private final VirtualMemory memory;
  private final long limit;
  private final long base;
  private final Deque<Function> running = new ArrayDeque<>();
  private long sp;
  private long bp;
  private int filler = 1;

  CallStack(boolean wide, VirtualMemory memory, long limit, long base) {
    this.wide = wide;
    this.memory = memory;
    this.limit = limit;
    this.base = base;
    memory.commit(limit, base - limit);
    // What the kernel keeps above a thread's frames.
    sp = base - (wide ? 0x250 : 0x210);
  }

  /** The stack's lowest address. */
  public long limit() {
    return limit;
  }

  /** The address after its last byte. */
  public long base() {
    return base;
  }

  /** The stack pointer. */
  public long sp() {
    return sp;
  }

  /** The frame pointer. */
  public long bp() {
    return bp;
  }

  /** Where the innermost function stands. */
  public long ip() {
    return running.element().body();
  }

  /** The bytes from the stack pointer to the lowest address; negative below it. */
  public long left() {
    return sp - limit;
  }

  /** Calls a function from the one that runs; the first one is entered from nowhere. */
  public CallStack call(Function function) {
    push(running.isEmpty() ? 0 : running.element().returnFrom(function));
    enter(function);
    return this;
  }

  /**
   * Interrupts the running function in its body with a page fault.
   *
   * @return the address of the trap frame
   */
  public long fault(Function handler, long errorCode, long address) {
    long rip = ip();
    long interrupted = sp;
    if (wide) {
      sp &= -16;
      push(0x18);
      push(interrupted);
      push(FLAGS);
      push(KERNEL_CODE);
      push(rip);
      push(errorCode);
      push(bp);
      sp -= handler.frame();
      long trapFrame = sp;
      put(trapFrame + 0x2b, 1, 1);
      put(trapFrame + 0xd0, address, 8);
      bp = sp + 0x80;
      running.push(handler);
      return trapFrame;
    }
    push(FLAGS);
    push(8);
    push(rip);
    push(errorCode);
    sp -= 0x64;
    trapFrame32(sp, rip);
    bp = sp;
    running.push(handler);
    return sp;
  }

  /** The part of an x86 trap frame that the handler saves. */
  private void trapFrame32(long at, long rip) {
    put(at, bp, 4);
    put(at + 4, rip, 4);
    put(at + 8, 0xbadb0d00L, 4);
    put(at + 0x34, 0x23, 4);
    put(at + 0x38, 0x23, 4);
    put(at + 0x4c, 0xffff_ffffL, 4);
    put(at + 0x50, 0x30, 4);
    put(at + 0x60, bp, 4);
  }

  /**
   * Makes this the stack that the processor changes to: what it pushes there, then the handler.
   *
   * @return the address of the trap frame
   */
  public long interrupt(Function handler, long rip, long rsp, long rbp) {
    sp = base;
    push(0x18);
    push(rsp);
    push(FLAGS);
    push(KERNEL_CODE);
    push(rip);
    push(0);
    push(rbp);
    sp -= handler.frame();
    put(sp + 0x2b, 1, 1);
    bp = sp + 0x80;
    running.push(handler);
    return sp;
  }

  /** Lowers the stack pointer by hand, as an allocation on the stack does. */
  public CallStack allocate(long bytes) {
    sp -= bytes;
    return this;
  }

  private void enter(Function function) {
    if (!wide) {
      push(bp);
      bp = sp;
    }
    sp -= function.frame();
    // Locals that have been written: some words, none of them an address of code.
    for (long at = sp; at < sp + function.frame(); at += 0x20) {
      put(at, 0x1000L + filler++, 4);
    }
    running.push(function);
  }

  private void push(long value) {
    sp -= wide ? 8 : 4;
    put(sp, value, wide ? 8 : 4);
  }

  /** Stores where there is a page; below the limit there is usually none. */
  private void put(long at, long value, int width) {
    if (!memory.pages().containsKey(at & -VirtualMemory.PAGE)) {
      return;
    }
    switch (width) {
      case 1 -> memory.u8(at, value);
      case 4 -> memory.u32(at, value);
      default -> memory.u64(at, value);
    }
  }
}
