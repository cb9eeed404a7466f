// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/**
 * What an instruction does to the stack pointer; the amount is {@link Instruction#stackDelta()}.
 */
public enum StackEffect {
  NONE,
  /** push, pushf, pushad. */
  PUSH,
  /** pop, popf, popad (not {@code pop esp}, which is {@link #ASSIGN}). */
  POP,
  /** The return address is pushed; what the callee pops is not counted. */
  CALL,
  /** The return address and the bytes of {@code ret n} are dropped. */
  RETURN,
  /** Frame pointer pushed, frame pointer set, locals made. */
  ENTER,
  /** Stack pointer := frame pointer, frame pointer popped; no constant delta. */
  LEAVE,
  /** A constant added: add, sub, lea, inc, dec. */
  ADJUST,
  /** {@code and esp,mask}: moves down by an amount that depends on the value. */
  ALIGN,
  /** Any other write: {@code mov esp,ebp}, {@code lea esp,[ebp-8]}, {@code sub esp,eax}, iret. */
  ASSIGN
}
