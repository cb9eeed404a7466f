// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import org.jkd.sample.format.VirtualMemory;

/** The record that the kernel's entry code leaves on the stack when it is entered. */
record TrapFrame(
    long address,
    boolean user,
    long eip,
    long ebp,
    long ebx,
    long esi,
    long edi,
    long eax,
    long ecx,
    long edx,
    long exceptionList,
    long arguments,
    long userEsp) {

  /** Bytes below the interrupted stack pointer when kernel code was interrupted. */
  static final int KERNEL_SIZE = 0x74;

  /** Bytes that are stored for an entry from user mode, together with the fields of V86 mode. */
  static final int USER_SIZE = 0x8c;

  void store(VirtualMemory memory) {
    int size = user ? USER_SIZE : KERNEL_SIZE;
    for (int i = 0; i < size; i += 4) {
      memory.u32(address + i, 0);
    }
    memory.u32(address, ebp);
    memory.u32(address + 4, eip);
    memory.u32(address + 8, 0xbadb0d00L);
    memory.u32(address + 0xc, arguments);
    memory.u32(address + 0x34, 0x23);
    memory.u32(address + 0x38, 0x23);
    memory.u32(address + 0x3c, edx);
    memory.u32(address + 0x40, ecx);
    memory.u32(address + 0x44, eax);
    memory.u32(address + 0x48, user ? 1 : 0);
    memory.u32(address + 0x4c, exceptionList);
    memory.u32(address + 0x50, user ? 0x3b : 0x30);
    memory.u32(address + 0x54, edi);
    memory.u32(address + 0x58, esi);
    memory.u32(address + 0x5c, ebx);
    memory.u32(address + 0x60, ebp);
    memory.u32(address + 0x64, 0);
    memory.u32(address + 0x68, eip);
    memory.u32(address + 0x6c, user ? 0x1b : 8);
    memory.u32(address + 0x70, user ? 0x246 : 0x10286);
    if (user) {
      memory.u32(address + 0x74, userEsp);
      memory.u32(address + 0x78, 0x23);
    }
  }
}
