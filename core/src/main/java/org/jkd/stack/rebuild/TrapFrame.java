// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import org.jkd.cpu.CpuContext;

/**
 * A KTRAP_FRAME found on a stack.
 *
 * @param address its first byte
 * @param slot the address of its Eip or Rip field
 * @param context the registers that it saved
 * @param user true when user mode was interrupted
 * @param bits how much its fields agree with each other, as a score
 */
record TrapFrame(long address, long slot, CpuContext context, boolean user, double bits) {}
