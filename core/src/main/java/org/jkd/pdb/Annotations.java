// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

/**
 * The binary annotations of an inlined call: a small program that yields rows of code offset, file
 * and line. Opcodes and coding are those of cvinfo.h (CodeViewInfo, BA_OP_…).
 */
final class Annotations {
  private static final int CODE_OFFSET = 1;
  private static final int CHANGE_CODE_OFFSET = 3;
  private static final int CHANGE_CODE_LENGTH = 4;
  private static final int CHANGE_FILE = 5;
  private static final int CHANGE_LINE_OFFSET = 6;
  private static final int CHANGE_CODE_AND_LINE = 11;
  private static final int CHANGE_LENGTH_AND_CODE = 12;

  private final MsfStream s;
  private long p;
  private final long end;

  /**
   * A stretch of code, in offsets from the start of the function around it.
   *
   * @param first where the inlined code begins
   * @param file a place in the table of files; −1 for the inlined function's own
   * @param line lines below the first line of the inlined function
   */
  record Row(long first, long start, long end, long file, int line) {}

  /** No code at all. */
  static final Row NONE = new Row(-1, -1, -1, -1, 0);

  private long code;
  private long file = -1;
  private int line;
  private long openStart = -1;
  private long openFile;
  private int openLine;

  /** The start of the first row: where the inlined code begins. */
  private long first = -1;

  private Row found = NONE;
  private final long wanted;

  private Annotations(MsfStream s, long at, long end, long wanted) {
    this.s = s;
    this.p = at;
    this.end = end;
    this.wanted = wanted;
  }

  /**
   * The row that holds an offset; its start is −1 when the inlined code does not.
   *
   * @param wanted bytes from the start of the function
   */
  static Row find(MsfStream s, long at, long end, long wanted) {
    Annotations a = new Annotations(s, at, end, wanted);
    a.run();
    return a.found;
  }

  private void run() {
    while (p < end && found.start < 0) {
      int operation = number();
      switch (operation) {
        case 0 -> {
          return;
        }
        case CODE_OFFSET, CHANGE_CODE_OFFSET -> {
          code += unsigned();
          open();
        }
        case CHANGE_CODE_LENGTH -> {
          code += unsigned();
          close(code);
        }
        case CHANGE_FILE -> file = unsigned();
        case CHANGE_LINE_OFFSET -> line += signed(number());
        case CHANGE_CODE_AND_LINE -> {
          int both = number();
          line += signed(both >>> 4);
          code += both & 0xf;
          open();
        }
        case CHANGE_LENGTH_AND_CODE -> {
          long length = unsigned();
          code += unsigned();
          open();
          // The next offset counts from the start of this piece, not from its end.
          close(code + length);
        }
        default -> number();
      }
    }
  }

  /** A row begins here, and the one before ends. */
  private void open() {
    finish(code);
    openStart = code;
    openFile = file;
    openLine = line;
    first = first < 0 ? code : first;
  }

  private void close(long rowEnd) {
    finish(rowEnd);
    openStart = -1;
  }

  private void finish(long rowEnd) {
    if (openStart >= 0 && wanted >= openStart && wanted < rowEnd) {
      found = new Row(first, openStart, rowEnd, openFile, openLine);
    }
  }

  private long unsigned() {
    return number() & 0xffff_ffffL;
  }

  private static int signed(int n) {
    return (n & 1) != 0 ? -(n >>> 1) : n >>> 1;
  }

  /** A number in one, two or four bytes; the end of the record reads as 0. */
  private int number() {
    if (p >= end) {
      return 0;
    }
    int b = s.u8(p);
    int length = (b & 0x80) == 0 ? 1 : (b & 0x40) == 0 ? 2 : 4;
    if (p + length > end) {
      p = end;
      return 0;
    }
    int value =
        switch (length) {
          case 1 -> b;
          case 2 -> (b & 0x3f) << 8 | s.u8(p + 1);
          default -> (b & 0x1f) << 24 | s.u8(p + 1) << 16 | s.u8(p + 2) << 8 | s.u8(p + 3);
        };
    p += length;
    return value;
  }
}
