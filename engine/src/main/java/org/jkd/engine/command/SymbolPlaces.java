// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jkd.code.KnownCode;
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
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * Where symbols and images are looked for, and who does it. Nothing is made ready before a symbol
 * is asked for.
 */
public final class SymbolPlaces {
  private final String symbolPath;
  private final String imagePath;
  private final Supplier<StoreSettings> settings;
  private final LoadOptions options;
  private @Nullable Stores stores;
  private @Nullable SymbolLoader loader;
  private final Optional<KnownCode> code;

  private SymbolPlaces(
      String symbolPath,
      String imagePath,
      Supplier<StoreSettings> settings,
      LoadOptions options,
      @Nullable Stores stores,
      @Nullable SymbolLoader loader,
      Optional<KnownCode> code) {
    this.symbolPath = symbolPath;
    this.imagePath = imagePath;
    this.settings = settings;
    this.options = options;
    this.stores = stores;
    this.loader = loader;
    this.code = code;
  }

  /** For one dump; servers are asked as the environment says. */
  public static SymbolPlaces of(String symbolPath, String imagePath) {
    return of(symbolPath, imagePath, () -> StoreSettings.of(System.getenv()));
  }

  /** For one dump. */
  public static SymbolPlaces of(String symbolPath, String imagePath, StoreSettings settings) {
    return of(symbolPath, imagePath, () -> settings);
  }

  /**
   * For one dump.
   *
   * @param symbolPath in the grammar of {@code _NT_SYMBOL_PATH}; may be empty
   * @param imagePath folders with image files, separated by semicolons; may be empty
   * @param settings asked when the first symbol is
   */
  public static SymbolPlaces of(
      String symbolPath, String imagePath, Supplier<StoreSettings> settings) {
    return new SymbolPlaces(
        symbolPath, imagePath, settings, LoadOptions.NORMAL, null, null, Optional.empty());
  }

  /** In the grammar of {@code _NT_SYMBOL_PATH}; may be empty. */
  public String symbolPath() {
    return symbolPath;
  }

  /** Folders with image files, separated by semicolons; may be empty. */
  public String imagePath() {
    return imagePath;
  }

  /** What is known of code from other dumps; empty where only one is opened. */
  Optional<KnownCode> code() {
    return code;
  }

  /** What looks into stores and asks servers. */
  private synchronized Stores stores() {
    if (stores == null) {
      stores = new Stores(settings.get());
    }
    return stores;
  }

  /** What loads the symbols of a module. */
  public synchronized SymbolLoader loader() {
    if (loader == null) {
      loader =
          new SymbolLoader(
                  SymbolPath.parse(symbolPath),
                  SymbolPath.parse(imagePath),
                  List.of(
                      new IsfFormat(),
                      new BreakpadFormat(),
                      new BreakpadFormat(".xz", Xz::unpacked)),
                  stores(),
                  options)
              .reading(imageFormats());
    }
    return loader;
  }

  /** Symbols without a PDB, the most telling first. */
  private static List<ImageFormat> imageFormats() {
    return List.of(new DwarfFormat(), new DbgFormat(), new CoffFormat(), new MapFormat());
  }

  /** Other places, asked anew, whatever is known of servers. */
  SymbolPlaces at(String newSymbolPath, String newImagePath, LoadOptions newOptions) {
    Stores asked = stores();
    asked.forget();
    return new SymbolPlaces(
        newSymbolPath, newImagePath, settings, newOptions, asked, null, Optional.empty());
  }

  /** For many dumps and several threads: every symbol and image file is opened once. */
  public SymbolPlaces shared() {
    return new SymbolPlaces(
        symbolPath,
        imagePath,
        settings,
        options,
        stores(),
        loader().sharing(),
        Optional.of(new KnownCode()));
  }

  /** A class of its own, so that starts do not look for that of the library. */
  private static final class Xz {
    /** The most memory, in KB, that unpacking a symbol file may take. */
    private static final int DECODER_KB = 1 << 17;

    static InputStream unpacked(InputStream in) throws IOException {
      return new XZInputStream(in, DECODER_KB);
    }
  }
}
