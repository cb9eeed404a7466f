// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/** The formats of the {@code d} commands. */
enum MemoryFormat {
  BYTES(1, 16, 128),
  WORDS(2, 8, 128),
  WORDS_TEXT(2, 8, 128),
  DWORDS(4, 4, 128),
  DWORDS_TEXT(4, 4, 128),
  QWORDS(8, 2, 128),
  FLOATS(4, 4, 64),
  DOUBLES(8, 2, 120),
  BINARY_BYTES(1, 4, 32),
  BINARY_DWORDS(4, 1, 32),
  ASCII(1, 0, 0),
  UNICODE(2, 0, 0);

  private final int unit;
  private final int columns;
  private final int defaultBytes;

  MemoryFormat(int unit, int columns, int defaultBytes) {
    this.unit = unit;
    this.columns = columns;
    this.defaultBytes = defaultBytes;
  }

  /** Bytes per element. */
  int unit() {
    return unit;
  }

  /** Elements per line. */
  int columns() {
    return columns;
  }

  /** Bytes that are shown when no length is given. */
  int defaultBytes() {
    return defaultBytes;
  }

  static MemoryFormat of(String letters, int pointerSize) {
    return switch (letters) {
      case "b" -> BYTES;
      case "w" -> WORDS;
      case "W" -> WORDS_TEXT;
      case "d" -> DWORDS;
      case "c" -> DWORDS_TEXT;
      case "q" -> QWORDS;
      case "p" -> pointerSize == 8 ? QWORDS : DWORDS;
      case "f" -> FLOATS;
      case "D" -> DOUBLES;
      case "yb" -> BINARY_BYTES;
      case "yd" -> BINARY_DWORDS;
      case "a" -> ASCII;
      case "u" -> UNICODE;
      default -> throw new IllegalArgumentException("d" + letters);
    };
  }
}
