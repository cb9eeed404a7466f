// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.render.CFloat;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;

/**
 * One line of memory, without its address.
 *
 * @param from the first byte, counted from the block's start
 * @param to the byte behind the last
 */
record MemoryRow(MemoryFormat format, int columns, MemoryBlock block, int from, int to) {

  /** The values and, where the format has them, the characters. */
  String text() {
    StringBuilder values = new StringBuilder();
    for (int at = from; at < to; at += format.unit()) {
      if (at > from) {
        boolean middle = format == MemoryFormat.BYTES && at - from == 8;
        values.append(middle ? '-' : ' ');
      }
      values.append(block.has(at, format.unit()) ? value(at) : unreadable());
    }
    return switch (format) {
      case BYTES, WORDS_TEXT, DWORDS_TEXT -> {
        int width = columns * (format.unit() * 2 + 1) - 1;
        yield Text.left(values.toString(), width) + "  " + characters();
      }
      case BINARY_BYTES -> Text.left(values.toString(), columns * 9 - 1) + " " + hexBytes();
      case BINARY_DWORDS ->
          values + "  " + (block.has(from, 4) ? Hex.pad(block.number(from, 4), 8) : "????????");
      default -> values.toString();
    };
  }

  private String value(int at) {
    long number = block.number(at, format.unit());
    return switch (format) {
      case BYTES, WORDS, WORDS_TEXT, DWORDS, DWORDS_TEXT -> Hex.pad(number, format.unit() * 2);
      case QWORDS -> Hex.accent(number);
      case FLOATS -> Text.right(CFloat.general(Float.intBitsToFloat((int) number), 8), 16);
      case DOUBLES -> Text.right(CFloat.general(Double.longBitsToDouble(number), 16), 24);
      case BINARY_BYTES -> bits(number, 8);
      case BINARY_DWORDS -> bits(number, 32);
      case ASCII, UNICODE -> throw new IllegalStateException();
    };
  }

  private String unreadable() {
    return switch (format) {
      case BYTES, WORDS, WORDS_TEXT, DWORDS, DWORDS_TEXT -> "?".repeat(format.unit() * 2);
      case QWORDS -> "????????`????????";
      case FLOATS -> Text.right("?", 16);
      case DOUBLES -> Text.right("?", 24);
      case BINARY_BYTES -> "????????";
      case BINARY_DWORDS -> "???????? ???????? ???????? ????????";
      case ASCII, UNICODE -> throw new IllegalStateException();
    };
  }

  private static String bits(long number, int count) {
    StringBuilder text = new StringBuilder();
    for (int bit = count - 1; bit >= 0; bit--) {
      text.append(number >>> bit & 1);
      if (bit > 0 && bit % 8 == 0) {
        text.append(' ');
      }
    }
    return text.toString();
  }

  private String characters() {
    StringBuilder text = new StringBuilder();
    for (int at = from; at < to; at++) {
      text.append(block.character(at));
    }
    return text.toString();
  }

  private String hexBytes() {
    StringBuilder text = new StringBuilder();
    for (int at = from; at < to; at++) {
      text.append(' ').append(block.has(at, 1) ? Hex.pad(block.number(at, 1), 2) : "??");
    }
    return text.toString();
  }
}
