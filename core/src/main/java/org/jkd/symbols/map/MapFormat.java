// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.map;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.image.FormatException;
import org.jkd.symbols.Decoration;
import org.jkd.symbols.FileSymbols;
import org.jkd.symbols.ImageFormat;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.TextLines;
import org.jspecify.annotations.Nullable;

/**
 * A map file: the image's timestamp and preferred base, then a line for each public and static
 * symbol with section and offset, decorated name, address at the preferred base, {@code f} for
 * functions, and object file. It belongs to an image whose timestamp it gives.
 */
public final class MapFormat implements ImageFormat {
  private static final int MAX_LINE = 1 << 17;
  private static final int MAX_SYMBOLS = 1 << 22;

  /** The header stands within the first lines. */
  private static final int MAX_HEADER = 64;

  private static final Pattern TIMESTAMP =
      Pattern.compile(" *Timestamp is ([0-9a-fA-F]{1,8})\\b.*");
  private static final Pattern BASE =
      Pattern.compile(" *Preferred load address is ([0-9a-fA-F]{1,16})\\b.*");
  private static final Pattern SYMBOL =
      Pattern.compile(
          " *([0-9a-fA-F]{4}):[0-9a-fA-F]{8} +(\\S+) +([0-9a-fA-F]{8}|[0-9a-fA-F]{16})( f)?\\b.*");

  @Override
  public List<String> extensions() {
    return List.of("map");
  }

  @Override
  public Optional<ModuleSymbols> open(Path file, ModuleIdentity module, Consumer<String> log)
      throws IOException {
    try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      long timestamp = header(in, TIMESTAMP, "a line with the timestamp", file);
      if (timestamp != module.timestamp() || timestamp == 0) {
        throw new FormatException(
            "mismatched map file",
            -1,
            Long.toHexString(timestamp) + " instead of " + Long.toHexString(module.timestamp()));
      }
      long base = header(in, BASE, "a line with the preferred load address", file);
      List<Symbol> symbols = new ArrayList<>();
      for (String line = next(in); line != null; line = next(in)) {
        symbol(line, base, module, symbols);
        if (symbols.size() > MAX_SYMBOLS) {
          throw new FormatException("map file", -1, "more than " + MAX_SYMBOLS + " symbols");
        }
      }
      return symbols.isEmpty()
          ? Optional.empty()
          : Optional.of(new FileSymbols(SymbolStatus.MAP, file, symbols));
    }
  }

  private static @Nullable String next(BufferedReader in) throws IOException {
    return TextLines.next(in, MAX_LINE);
  }

  private static long header(BufferedReader in, Pattern pattern, String what, Path file)
      throws IOException {
    for (int i = 0; i < MAX_HEADER; i++) {
      String line = next(in);
      if (line == null) {
        break;
      }
      Matcher m = pattern.matcher(line);
      if (m.matches()) {
        return Long.parseUnsignedLong(m.group(1), 16);
      }
    }
    throw new FormatException("map file " + file.getFileName(), 0, "expected " + what);
  }

  private static void symbol(String line, long base, ModuleIdentity module, List<Symbol> into) {
    Matcher m = SYMBOL.matcher(line);
    // Section 0 is that of absolute symbols.
    if (!m.matches() || m.group(1).equals("0000")) {
      return;
    }
    long rva = Long.parseUnsignedLong(m.group(3), 16) - base;
    if (rva < 0 || rva >= module.size()) {
      return;
    }
    String name = m.group(2);
    into.add(
        new Symbol(
            Decoration.shown(name),
            name,
            rva,
            0,
            m.group(4) != null ? Symbol.Kind.PUBLIC_CODE : Symbol.Kind.PUBLIC));
  }
}
