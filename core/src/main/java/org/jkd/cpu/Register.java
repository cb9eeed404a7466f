// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/**
 * The registers of a context. Both architectures share the constants: on x86 {@link #RAX} is eax
 * and {@link #RIP} is eip.
 */
public enum Register {
  RAX,
  RCX,
  RDX,
  RBX,
  RSP,
  RBP,
  RSI,
  RDI,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15,
  RIP,
  EFLAGS,
  CS,
  DS,
  ES,
  FS,
  GS,
  SS,
  DR0,
  DR1,
  DR2,
  DR3,
  DR6,
  DR7
}
