// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.coff;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jkd.image.Bytes;
import org.jkd.symbols.FileSymbols;
import org.jkd.symbols.ImageFormat;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolStatus;

/** The COFF symbols in an image file. */
public final class CoffFormat implements ImageFormat {
  @Override
  public List<String> extensions() {
    return List.of();
  }

  @Override
  public Optional<ModuleSymbols> open(Path file, ModuleIdentity module, Consumer<String> log)
      throws IOException {
    List<Symbol> symbols = CoffImage.read(Bytes.map(file)).symbols();
    return symbols.isEmpty()
        ? Optional.empty()
        : Optional.of(new FileSymbols(SymbolStatus.COFF, file, symbols));
  }
}
