// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import org.jkd.sample.format.Blob;

/** The processor context of x86 as Windows stores it. */
final class Context {
  private Context() {}

  /** Kernel-mode registers; everything else as it usually is. */
  static byte[] kernel(StackBuilder.Registers registers) {
    Blob blob = new Blob();
    blob.grow(0x2cc).u32(0, 0x1001f);
    blob.u32(0x14, 0xffff0ff0L).u32(0x18, 0x400).u32(0x1c, 0x27f);
    blob.u32(0x90, 0x30).u32(0x94, 0x23).u32(0x98, 0x23);
    blob.u32(0x9c, registers.edi()).u32(0xa0, registers.esi()).u32(0xa4, registers.ebx());
    blob.u32(0xa8, registers.edx()).u32(0xac, registers.ecx()).u32(0xb0, registers.eax());
    blob.u32(0xb4, registers.ebp()).u32(0xb8, registers.eip()).u32(0xbc, 8).u32(0xc0, 0x10246);
    blob.u32(0xc4, registers.esp()).u32(0xc8, 0x10);
    return blob.bytes();
  }
}
