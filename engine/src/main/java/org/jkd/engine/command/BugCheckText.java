// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.engine.diagnosis.BugCheckCatalog;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/** The name of a bug check, what it means and what its arguments are. */
record BugCheckText(Arch arch, BugCheckCatalog.Entry entry, List<Long> parameters)
    implements Result {
  private static final int WIDTH = 78;

  @Override
  public void text(TextOut out) {
    out.line(entry.name() + " (" + Long.toHexString(entry.code()) + ")");
    if (!entry.text().isEmpty()) {
      wrapped(entry.text(), out);
    }
    out.line("Arguments:");
    for (int i = 0; i < parameters.size(); i++) {
      String meaning = meaning(i);
      out.line(
          "Arg"
              + (i + 1)
              + ": "
              + Hex.pad(parameters.get(i), 2 * arch.pointerSize())
              + (meaning.isEmpty() ? "" : ", " + meaning));
    }
  }

  /** Words on lines of at most {@link #WIDTH} characters. */
  private static void wrapped(String text, TextOut out) {
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
        out.line(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    out.line(line.toString());
  }

  private String meaning(int i) {
    if (entry.code() == 0x7f && i == 0) {
      return BugCheckCatalog.trapName(parameters.get(0));
    }
    return i < entry.arguments().size() ? entry.arguments().get(i) : "";
  }

  @Override
  public void json(JsonOut out) {
    out.address("code", entry.code()).text("name", entry.name()).optional("text", entry.text());
    out.texts("parameters", parameters.stream().map(p -> "0x" + Long.toHexString(p)).toList());
  }
}
