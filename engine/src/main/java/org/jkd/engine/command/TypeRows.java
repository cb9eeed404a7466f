// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;

/**
 * What {@code dt} found.
 *
 * @param name {@code nt!_KPCR}
 * @param size bytes
 * @param compact true for one line instead of one line per row
 */
record TypeRows(String name, long size, boolean compact, List<Row> rows) implements Result {
  /** What a row is. */
  enum Kind {
    /** A member at an offset. */
    FIELD,
    /** A member that lies in the image. */
    STATIC,
    /** An element of an array; {@code offset} is its number. */
    ELEMENT,
    /** A value of an enumeration; {@code offset} is the value. */
    VALUE,
    /** A line of its own: a heading, a limit that was reached. */
    LINE
  }

  /**
   * A row.
   *
   * @param depth 0 for the structure's own fields
   * @param offset bytes from the start of the structure that the row belongs to; of a static member
   *     its address
   * @param text the type, or the value
   * @param bare true to leave the offset out
   */
  record Row(int depth, Kind kind, String name, long offset, String text, boolean bare) {
    static Row line(String text) {
      return new Row(0, Kind.LINE, "", 0, text, true);
    }

    private String plain(TextOut out) {
      String lead = bare ? "" : lead(out) + " ";
      return switch (kind) {
        case FIELD, STATIC -> lead + Text.left(name, 16) + " : " + text;
        case ELEMENT ->
            (" [" + Text.right(Long.toString(offset), 2).replace(' ', '0') + "] " + text);
        case VALUE -> name + " = 0n" + offset;
        case LINE -> text;
      };
    }

    private String lead(TextOut out) {
      return kind == Kind.STATIC
          ? "=" + out.address(offset)
          : "+0x" + Hex.pad(offset, Math.max(3, Long.toHexString(offset).length()));
    }

    private String line(TextOut out) {
      return kind == Kind.LINE ? text : "   ".repeat(depth + 1) + plain(out);
    }
  }

  /** The same rows below some lines. */
  TypeRows below(List<String> heading) {
    List<Row> all = new ArrayList<>();
    heading.forEach(line -> all.add(Row.line(line)));
    all.addAll(rows);
    return new TypeRows(name, size, compact, List.copyOf(all));
  }

  @Override
  public void text(TextOut out) {
    if (compact) {
      StringBuilder line = new StringBuilder("  ");
      for (Row row : rows) {
        String part = row.plain(out).replaceAll(" +: ", " : ").strip();
        line.append(' ').append(part);
      }
      out.line(line.toString().stripTrailing());
      return;
    }
    rows.forEach(row -> out.line(row.line(out)));
  }

  @Override
  public void json(JsonOut out) {
    out.text("type", name).number("size", size);
    out.objects(
        "fields",
        rows.stream().filter(r -> r.kind != Kind.LINE).toList(),
        (o, r) ->
            o.number("depth", r.depth)
                .text("name", r.kind == Kind.ELEMENT ? "[" + r.offset + "]" : r.name)
                .number(r.kind == Kind.VALUE ? "value" : "offset", r.offset)
                .text("text", r.text));
  }
}
