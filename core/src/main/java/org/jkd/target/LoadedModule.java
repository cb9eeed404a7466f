// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

/**
 * An image in the target's address space.
 *
 * @param name the debugger's name: the file name without its extension, {@code nt} for the kernel
 * @param imageName the file name, for instance {@code ntkrnlpa.exe}
 * @param imagePath the path as the target has it
 * @param base address of the first byte
 * @param size bytes
 * @param timestamp TimeDateStamp of the PE header, unsigned 32 bits; 0 when unknown
 * @param checksum CheckSum of the PE header, unsigned 32 bits; 0 when unknown
 */
public record LoadedModule(
    String name,
    String imageName,
    String imagePath,
    long base,
    long size,
    long timestamp,
    long checksum) {

  /** True when an address lies in the image. */
  public boolean contains(long address) {
    return Long.compareUnsigned(address - base, size) < 0;
  }

  /** The address after the last byte. */
  public long end() {
    return base + size;
  }
}
