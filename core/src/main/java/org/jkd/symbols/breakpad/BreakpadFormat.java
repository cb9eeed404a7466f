// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.breakpad;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jkd.symbols.SymbolFormat;

/** Breakpad's {@code .sym} files as a symbol format. */
public final class BreakpadFormat implements SymbolFormat {
  private static final int GUID_DIGITS = 32;

  @Override
  public String name() {
    return "Breakpad";
  }

  @Override
  public String fileName(String guid, long age) {
    return guid + Long.toHexString(age).toUpperCase(Locale.ROOT) + ".sym";
  }

  @Override
  public boolean accepts(String fileName) {
    return fileName.toLowerCase(Locale.ROOT).endsWith(".sym");
  }

  @Override
  public Opened open(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      BreakpadSymbols symbols = read(file, in);
      String id = symbols.id();
      int guid = Math.min(GUID_DIGITS, id.length());
      return new Opened(symbols, id.substring(0, guid), age(id.substring(guid)), symbols.module());
    }
  }

  private static long age(String digits) {
    try {
      return Long.parseLong(digits, 16);
    } catch (NumberFormatException e) {
      // No PDB has this age, so the file matches nothing.
      return -1;
    }
  }

  /**
   * Reads a file's text from a stream, for files that are kept compressed.
   *
   * @param file where it lies, for messages
   * @throws org.jkd.image.FormatException if it does not begin with a MODULE line
   */
  public static BreakpadSymbols read(Path file, InputStream in) throws IOException {
    return new BreakpadReader(file).read(in);
  }
}
