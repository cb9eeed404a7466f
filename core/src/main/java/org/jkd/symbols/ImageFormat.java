// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jkd.image.FormatException;

/**
 * A kind of symbols that belong to an image without a PDB: inside the image file, or in a file that
 * is named after it.
 */
public interface ImageFormat {
  /**
   * The endings, without a dot, of files beside the image or on the symbol path that hold such
   * symbols; empty when they are in the image file itself.
   */
  List<String> extensions();

  /**
   * Reads the symbols of a module.
   *
   * @param file an image file of the module, or a file that is named after it
   * @param log gets a line for what is there and not read
   * @return empty when the file holds no symbols of this kind
   * @throws FormatException when it belongs to another image, or is broken; the message says why
   */
  Optional<ModuleSymbols> open(Path file, ModuleIdentity module, Consumer<String> log)
      throws IOException;
}
