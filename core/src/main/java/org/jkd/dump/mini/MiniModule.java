// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

import java.util.Optional;

/**
 * A loaded module of a minidump.
 *
 * @param path as the loader knew it
 * @param fileVersion four numbers with dots, empty if the module has no version resource
 * @param productVersion the same of the product
 * @param debugId empty if the dump does not say which symbol file belongs to the module
 */
public record MiniModule(
    long base,
    long size,
    long checksum,
    long timestamp,
    String path,
    Optional<String> fileVersion,
    Optional<String> productVersion,
    Optional<DebugId> debugId) {

  /** The file name without folders. */
  public String fileName() {
    return path.substring(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
  }

  /**
   * Which symbol file belongs to a module.
   *
   * @param guid 32 upper-case hexadecimal digits; of old images (NB10) the 8 of their signature
   * @param age of the PDB
   * @param pdb the path that the linker wrote into the image
   */
  public record DebugId(String guid, long age, String pdb) {
    /** The identifier in symbol stores and in Breakpad's MODULE lines. */
    public String key() {
      return guid + Long.toHexString(age).toUpperCase(java.util.Locale.ROOT);
    }

    /** The file name of the PDB without folders. */
    public String fileName() {
      return pdb.substring(Math.max(pdb.lastIndexOf('\\'), pdb.lastIndexOf('/')) + 1);
    }
  }
}
