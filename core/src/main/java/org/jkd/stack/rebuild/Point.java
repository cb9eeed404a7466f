// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import org.jkd.cpu.CpuContext;

/**
 * A place from which the chain goes on outwards.
 *
 * @param context the registers as far as they are known; the stack pointer is the one just after a
 *     return, before anything that the caller or callee pops beyond the return address
 * @param returned true when {@code ip} is a return address: the frame is then that of the call
 *     before it
 * @param pushed x86: bytes of arguments above the stack pointer that the function inside this one
 *     was called with; −1 when that is not known, or {@link #STUB}
 */
record Point(CpuContext context, boolean returned, int pushed) {
  /** Of a stub that called the system: nothing of it lies above its return address. */
  static final int STUB = -2;

  Point(CpuContext context, boolean returned) {
    this(context, returned, -1);
  }

  long ip() {
    return context.ip();
  }

  long sp() {
    return context.sp();
  }
}
