// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Locale;
import org.jkd.dump.TaggedRecord;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Bytes;

/** {@code .enumtag}: the data that components of the system added to the dump. */
final class TagsCommand extends Command {
  private static final int SHOWN_BYTES = 16;

  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.end();
    var dump = session.kernel().dump();
    return new Tags(dump.taggedRecords(), dump.file());
  }

  /** The records and the file in which they lie. */
  record Tags(List<TaggedRecord> records, Bytes file) implements Result {
    @Override
    public void text(TextOut out) {
      for (TaggedRecord record : records) {
        out.line(
            "{"
                + record.guid().toUpperCase(Locale.ROOT)
                + "} - 0x"
                + Long.toHexString(record.size())
                + " bytes");
        out.line("  " + preview(record));
      }
    }

    private String preview(TaggedRecord record) {
      StringBuilder hex = new StringBuilder();
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < Math.min(SHOWN_BYTES, record.size()); i++) {
        int c = file.u8(record.offset() + i);
        hex.append(String.format(Locale.ROOT, "%02X ", c));
        text.append(c >= 0x20 && c < 0x7f ? (char) c : '.');
      }
      return Text.left(hex.toString(), SHOWN_BYTES * 3) + " " + text;
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "tags",
          records,
          (o, r) -> o.text("guid", r.guid()).number("offset", r.offset()).number("size", r.size()));
    }
  }
}
