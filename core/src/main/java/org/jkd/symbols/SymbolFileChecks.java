// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.lang.foreign.Arena;
import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.PdbIdentity;
import org.jkd.pe.DebugDirectory;
import org.jkd.pe.PeImage;
import org.jkd.pe.PeSection;
import org.jkd.symbols.store.Wanted;

/**
 * Whether a file is the one that a module asks for: complete, and of the right identity. Servers
 * and stores are believed in nothing.
 */
final class SymbolFileChecks {
  private static final int BLOCK_SIZE = 32;
  private static final int BLOCKS = 40;

  private SymbolFileChecks() {}

  /**
   * A PDB with a GUID and an age.
   *
   * @param anything takes PDBs of another identity too
   */
  static Wanted.Check pdb(DebugDirectory.Rsds rsds, boolean anything) {
    return file -> {
      // Unmapped at once: where systems mind, a mapped file can neither be cut nor deleted.
      try (Arena arena = Arena.ofConfined()) {
        Bytes bytes = Bytes.map(file, arena);
        Pdb pdb = Pdb.open(bytes);
        long stated = bytes.u32(BLOCK_SIZE) * bytes.u32(BLOCKS);
        if (stated > bytes.size()) {
          return Optional.of("cut short: " + bytes.size() + " bytes instead of " + stated);
        }
        PdbIdentity identity = pdb.identity();
        boolean same = identity.guid().equals(rsds.guid()) && identity.age() == rsds.age();
        return same || anything
            ? Optional.empty()
            : Optional.of("mismatched pdb: " + identity.key() + " instead of " + rsds.key());
      } catch (FormatException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    };
  }

  /** An image with a timestamp and a size. */
  static Wanted.Check image(ModuleIdentity module) {
    return file -> {
      // Unmapped at once: where systems mind, a mapped file can neither be cut nor deleted.
      try (Arena arena = Arena.ofConfined()) {
        Bytes bytes = Bytes.map(file, arena);
        PeImage image = PeImage.ofFile(bytes);
        if (image.timestamp() != module.timestamp() || image.sizeOfImage() != module.size()) {
          return Optional.of(
              "mismatched image: "
                  + SymbolLoader.imageKey(image.timestamp(), image.sizeOfImage())
                  + " instead of "
                  + SymbolLoader.imageKey(module.timestamp(), module.size()));
        }
        for (PeSection s : image.sections()) {
          if (s.rawSize() > 0 && !bytes.has(s.rawOffset(), s.rawSize())) {
            return Optional.of(
                "cut short: section " + s.name() + " ends behind its " + bytes.size() + " bytes");
          }
        }
        return Optional.empty();
      } catch (FormatException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    };
  }
}
