// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import org.jkd.engine.isf.IsfFormat;
import org.jkd.symbols.ImageFormat;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.symbols.breakpad.BreakpadFormat;
import org.jkd.symbols.coff.CoffFormat;
import org.tukaani.xz.XZInputStream;

/**
 * Where symbols and images are looked for, and who does it.
 *
 * @param symbolPath in the grammar of {@code _NT_SYMBOL_PATH}; may be empty
 * @param imagePath folders with image files, separated by semicolons; may be empty
 */
public record SymbolPlaces(String symbolPath, String imagePath, SymbolLoader loader) {
  /** The most memory, in KB, that unpacking a symbol file may take. */
  private static final int XZ_DECODER_KB = 1 << 17;

  /** Symbols without a PDB, the most telling first. */
  private static final List<ImageFormat> IMAGE_FORMATS = List.of(new CoffFormat());

  /** For one dump. */
  public static SymbolPlaces of(String symbolPath, String imagePath) {
    return new SymbolPlaces(
        symbolPath,
        imagePath,
        new SymbolLoader(
                SymbolPath.parse(symbolPath),
                SymbolPath.parse(imagePath),
                List.of(
                    new IsfFormat(),
                    new BreakpadFormat(),
                    new BreakpadFormat(".xz", in -> new XZInputStream(in, XZ_DECODER_KB))),
                false)
            .reading(IMAGE_FORMATS));
  }

  /** For many dumps and several threads: every symbol and image file is opened once. */
  public SymbolPlaces shared() {
    return new SymbolPlaces(symbolPath, imagePath, loader.sharing());
  }
}
