// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.breakpad;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jkd.symbols.SymbolFormat;

/**
 * Breakpad's {@code .sym} files as a symbol format; {@code .sym.xz} and the like with an unpacker,
 * which lives where the library for it is.
 */
public final class BreakpadFormat implements SymbolFormat {
  private static final int GUID_DIGITS = 32;
  private static final String EXTENSION = ".sym";

  private final String suffix;
  private final Unpacker unpacker;

  /** Makes readable what is kept compressed. */
  public interface Unpacker {
    /** A stream of the text in a stream of the file. */
    InputStream unpack(InputStream file) throws IOException;
  }

  /** Plain files. */
  public BreakpadFormat() {
    this("", in -> in);
  }

  /**
   * Compressed files.
   *
   * @param suffix what follows {@code .sym} in their names, for instance {@code .xz}
   */
  public BreakpadFormat(String suffix, Unpacker unpacker) {
    this.suffix = suffix;
    this.unpacker = unpacker;
  }

  @Override
  public String name() {
    return "Breakpad";
  }

  @Override
  public String fileName(String guid, long age) {
    return guid + Long.toHexString(age).toUpperCase(Locale.ROOT) + EXTENSION + suffix;
  }

  /** {@code xul.pdb/<GUID and age>/xul.sym}, as Breakpad's and Mozilla's stores keep them. */
  @Override
  public List<List<String>> places(String pdbName, String guid, long age) {
    String key = guid + Long.toHexString(age).toUpperCase(Locale.ROOT);
    String stem =
        pdbName.toLowerCase(Locale.ROOT).endsWith(".pdb")
            ? pdbName.substring(0, pdbName.length() - 4)
            : pdbName;
    String file = stem + EXTENSION + suffix;
    return List.of(List.of(pdbName, key, file), List.of(file));
  }

  @Override
  public boolean accepts(String fileName) {
    return fileName.toLowerCase(Locale.ROOT).endsWith(EXTENSION + suffix);
  }

  @Override
  public Opened open(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      BreakpadSymbols symbols = read(file, unpacker.unpack(in));
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
