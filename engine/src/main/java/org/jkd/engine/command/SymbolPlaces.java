// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import org.jkd.engine.isf.IsfFormat;
import org.jkd.symbols.ImageFormat;
import org.jkd.symbols.LoadOptions;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.symbols.breakpad.BreakpadFormat;
import org.jkd.symbols.coff.CoffFormat;
import org.jkd.symbols.dbg.DbgFormat;
import org.jkd.symbols.dwarf.DwarfFormat;
import org.jkd.symbols.map.MapFormat;
import org.jkd.symbols.store.StoreSettings;
import org.jkd.symbols.store.Stores;
import org.tukaani.xz.XZInputStream;

/**
 * Where symbols and images are looked for, and who does it.
 *
 * @param symbolPath in the grammar of {@code _NT_SYMBOL_PATH}; may be empty
 * @param imagePath folders with image files, separated by semicolons; may be empty
 * @param stores what looks into stores and asks servers
 */
public record SymbolPlaces(
    String symbolPath, String imagePath, SymbolLoader loader, Stores stores) {
  /** The most memory, in KB, that unpacking a symbol file may take. */
  private static final int XZ_DECODER_KB = 1 << 17;

  /** Symbols without a PDB, the most telling first. */
  private static final List<ImageFormat> IMAGE_FORMATS =
      List.of(new DwarfFormat(), new DbgFormat(), new CoffFormat(), new MapFormat());

  /** For one dump; servers are asked as the environment says. */
  public static SymbolPlaces of(String symbolPath, String imagePath) {
    return of(symbolPath, imagePath, StoreSettings.of(System.getenv()));
  }

  /** For one dump. */
  public static SymbolPlaces of(String symbolPath, String imagePath, StoreSettings settings) {
    return of(symbolPath, imagePath, new Stores(settings), LoadOptions.NORMAL);
  }

  private static SymbolPlaces of(
      String symbolPath, String imagePath, Stores stores, LoadOptions options) {
    SymbolLoader loader =
        new SymbolLoader(
                SymbolPath.parse(symbolPath),
                SymbolPath.parse(imagePath),
                List.of(
                    new IsfFormat(),
                    new BreakpadFormat(),
                    new BreakpadFormat(".xz", in -> new XZInputStream(in, XZ_DECODER_KB))),
                stores,
                options)
            .reading(IMAGE_FORMATS);
    return new SymbolPlaces(symbolPath, imagePath, loader, stores);
  }

  /** Other places, asked anew, whatever is known of servers. */
  SymbolPlaces at(String newSymbolPath, String newImagePath, LoadOptions options) {
    stores.forget();
    return of(newSymbolPath, newImagePath, stores, options);
  }

  /** For many dumps and several threads: every symbol and image file is opened once. */
  public SymbolPlaces shared() {
    return new SymbolPlaces(symbolPath, imagePath, loader.sharing(), stores);
  }
}
