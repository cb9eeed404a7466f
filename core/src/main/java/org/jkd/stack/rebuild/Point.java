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
 */
record Point(CpuContext context, boolean returned) {
  long ip() {
    return context.ip();
  }

  long sp() {
    return context.sp();
  }
}
