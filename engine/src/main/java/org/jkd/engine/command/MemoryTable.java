// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Memory;

/**
 * Memory in columns. It is read while it is written, so that a long range takes no more memory than
 * a short one.
 *
 * @param start the first byte
 * @param count how many elements of the format
 * @param hash true for the form of {@code !db}: a sign and a blank around a physical address
 */
record MemoryTable(
    Arch arch,
    MemoryFormat format,
    Memory memory,
    long start,
    long count,
    int columns,
    boolean hash)
    implements Result {
  /** About how many bytes are read at once. */
  private static final int CHUNK = 0x4000;

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
    for (MemoryBlock block : blocks()) {
      for (int at = 0; at < block.length(); at += line) {
        int end = Math.min(block.length(), at + line);
        out.add(place(block.address(at)));
        out.line(new MemoryRow(format, columns, block, at, end).text());
      }
    }
  }

  private String place(long address) {
    return hash ? "#" + Hex.right(address, 8) + " " : Hex.address(arch, address) + "  ";
  }

  /** The range in pieces of whole lines. */
  private Iterable<MemoryBlock> blocks() {
    int line = columns * format.unit();
    long piece = Math.max(line, CHUNK / line * line);
    long length = count * format.unit();
    return () ->
        LongStream.iterate(0, at -> at < length, at -> at + piece)
            .mapToObj(
                at -> MemoryBlock.read(memory, start + at, (int) Math.min(piece, length - at)))
            .iterator();
  }

  @Override
  public void json(JsonOut out) {
    int unit = format.unit();
    out.address("address", start).number("unit", unit);
    Iterable<String> values =
        () ->
            StreamSupport.stream(blocks().spliterator(), false)
                .flatMap(block ->
                    LongStream.range(0, block.length() / unit)
                        .mapToObj(i -> value(block, (int) i * unit)))
                .iterator();
    out.texts("values", values);
  }

  private String value(MemoryBlock block, int at) {
    boolean known = block.has(at, format.unit());
    return known ? "0x" + Long.toHexString(block.number(at, format.unit())) : "";
  }
}
