// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.CFloat;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;

/** Memory in columns. */
record MemoryTable(Arch arch, MemoryFormat format, MemoryBlock block, int columns)
    implements Result {

  @Override
  public void text(TextOut out) {
    String margin = " ".repeat(Hex.address(arch, 0).length() + 2);
    if (format == MemoryFormat.BINARY_BYTES) {
      out.line((margin + "76543210 ".repeat(columns)).stripTrailing());
      out.line((margin + "-------- ".repeat(columns)).stripTrailing());
    } else if (format == MemoryFormat.BINARY_DWORDS) {
      out.line(margin + " 3          2          1          0");
      out.line(margin + "10987654 32109876 54321098 76543210");
      out.line(margin + "-------- -------- -------- --------");
    }
    int line = columns * format.unit();
    for (int at = 0; at < block.length(); at += line) {
      line(at, Math.min(block.length(), at + line), out);
    }
  }

  private void line(int from, int to, TextOut out) {
    StringBuilder values = new StringBuilder();
    for (int at = from; at < to; at += format.unit()) {
      if (at > from) {
        boolean middle = format == MemoryFormat.BYTES && at - from == 8;
        values.append(middle ? '-' : ' ');
      }
      values.append(block.has(at, format.unit()) ? value(at) : unreadable());
    }
    out.add(Hex.address(arch, block.address(from))).add("  ");
    switch (format) {
      case BYTES, WORDS_TEXT, DWORDS_TEXT -> {
        int width = columns * (format.unit() * 2 + 1) - 1;
        out.line(Text.left(values.toString(), width) + "  " + characters(from, to));
      }
      case BINARY_BYTES -> {
        String row = Text.left(values.toString(), columns * 9 - 1) + " ";
        out.line(row + hexBytes(from, to));
      }
      case BINARY_DWORDS -> {
        String number = block.has(from, 4) ? Hex.pad(block.number(from, 4), 8) : "????????";
        out.line(values + "  " + number);
      }
      default -> out.line(values.toString());
    }
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

  private String characters(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int at = from; at < to; at++) {
      text.append(block.character(at));
    }
    return text.toString();
  }

  private String hexBytes(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int at = from; at < to; at++) {
      text.append(' ').append(block.has(at, 1) ? Hex.pad(block.number(at, 1), 2) : "??");
    }
    return text.toString();
  }

  @Override
  public void json(JsonOut out) {
    out.address("address", block.address(0)).number("unit", format.unit());
    List<String> values = new ArrayList<>();
    for (int at = 0; at < block.length(); at += format.unit()) {
      boolean known = block.has(at, format.unit());
      values.add(known ? "0x" + Long.toHexString(block.number(at, format.unit())) : "");
    }
    out.texts("values", values);
  }
}
