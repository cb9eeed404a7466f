// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jkd.image.FormatException;

/**
 * A kind of symbol file beside PDBs. Readers that need libraries live elsewhere and are handed in.
 */
public interface SymbolFormat {
  /** What such files are called in messages, for instance {@code ISF}. */
  String name();

  /**
   * The file name under which the symbols of a PDB are kept, in a folder named like the PDB.
   *
   * @param guid the PDB's GUID, 32 upper-case hexadecimal digits
   */
  String fileName(String guid, long age);

  /**
   * Where the symbols of a PDB may be kept, each place as the folders and the file name from a root
   * of the symbol path; by default in a folder named like the PDB, and in the root itself.
   */
  default List<List<String>> places(String pdbName, String guid, long age) {
    String name = fileName(guid, age);
    return List.of(List.of(pdbName, name), List.of(name));
  }

  /** True when the name of a file is one of this format. */
  boolean accepts(String fileName);

  /**
   * Reads a file.
   *
   * @throws IOException when the file cannot be read
   * @throws FormatException when it is not what its name says
   */
  Opened open(Path file) throws IOException;

  /**
   * A file that was read.
   *
   * @param guid of the PDB that it was made of, 32 upper-case hexadecimal digits
   * @param pdbName the PDB's file name
   */
  record Opened(ModuleSymbols symbols, String guid, long age, String pdbName) {}
}
