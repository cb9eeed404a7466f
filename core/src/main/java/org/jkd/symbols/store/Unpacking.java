// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jkd.cabinet.Cabinet;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;

/** Expands the one file of a cabinet. The name that the cabinet gives it does not matter. */
final class Unpacking {
  private static final int BUFFER = 1 << 16;

  private Unpacking() {}

  /** True when a file begins as cabinets do; servers also send them under the plain name. */
  static boolean isCabinet(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(4), StandardCharsets.ISO_8859_1).equals("MSCF");
    }
  }

  /** Why a cabinet cannot be expanded; empty when it was. */
  static Optional<String> expand(Path cabinet, Path into, long limit) throws IOException {
    try (Arena arena = Arena.ofConfined();
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(into), BUFFER)) {
      Cabinet read = new Cabinet(Bytes.map(cabinet, arena));
      read.expand(read.members().getFirst(), limit, out);
      return Optional.empty();
    } catch (FormatException e) {
      return Optional.of(StoreText.oneLine(String.valueOf(e.getMessage())));
    }
  }
}
