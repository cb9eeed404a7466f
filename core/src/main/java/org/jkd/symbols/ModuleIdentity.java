// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.Optional;
import org.jkd.image.Memory;
import org.jkd.pe.DebugDirectory;

/**
 * What must be known about a module to find its symbols.
 *
 * @param name as kd names it, for instance {@code nt}
 * @param imageName the file name of its image, for instance {@code ntkrnlpa.exe}, without a path
 * @param base its first address
 * @param size bytes of address space
 * @param timestamp of the image's header, 0 when unknown
 * @param memory the target's memory in which the module lies
 * @param debugRecord the image's debug record where the dump repeats it outside of the image, as
 *     minidumps do; empty otherwise
 */
public record ModuleIdentity(
    String name,
    String imageName,
    long base,
    long size,
    long timestamp,
    Memory memory,
    Optional<DebugDirectory.CodeView> debugRecord) {
  /** A module whose debug record is in its image only. */
  public ModuleIdentity(
      String name, String imageName, long base, long size, long timestamp, Memory memory) {
    this(name, imageName, base, size, timestamp, memory, Optional.empty());
  }

  /** Modules of one target differ in their base; Java's own hash of a record is slow to make. */
  @Override
  public int hashCode() {
    return Long.hashCode(base);
  }

  /** True when the address lies in the module. */
  public boolean contains(long address) {
    return Long.compareUnsigned(address - base, size) < 0;
  }

  /** {@code name+0x1196}, or the name alone at its base. */
  public String plain(long address) {
    return address == base ? name : name + "+0x" + Long.toHexString(address - base);
  }
}
