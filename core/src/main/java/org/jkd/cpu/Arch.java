// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

/** The processors whose dumps can be opened. ARM64 dumps open, but their code is not decoded. */
public enum Arch {
  X86(4, 0x14c),
  X64(8, 0x8664),
  ARM64(8, 0xaa64);

  private final int pointerSize;
  private final int machine;

  Arch(int pointerSize, int machine) {
    this.pointerSize = pointerSize;
    this.machine = machine;
  }

  /** Bytes in a pointer and in a stack slot: 4 or 8. */
  public int pointerSize() {
    return pointerSize;
  }

  /** The IMAGE_FILE_MACHINE value of PE headers and dump headers. */
  public int machine() {
    return machine;
  }

  /** Cuts a number to the width of an address: 32-bit addresses are kept zero-extended. */
  public long address(long value) {
    return pointerSize == 4 ? value & 0xffff_ffffL : value;
  }
}
