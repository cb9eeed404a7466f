// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/** What an operand is. */
public enum OperandKind {
  REGISTER,
  MEMORY,
  IMMEDIATE,
  /** The target of a near branch or call, relative to the next instruction. */
  RELATIVE,
  /** A selector and an offset inside the instruction. */
  FAR_POINTER
}
