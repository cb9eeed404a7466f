// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.engine.diagnosis.BugCheckCatalog;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.target.BugCheck;

/** The name of a bug check, what it means, and its arguments. */
record BugCheckText(Arch arch, BugCheck bugCheck) implements Result {
  private static final int WIDTH = 75;
  private static final long TRAP = 0x7f;

  @Override
  public void text(TextOut out) {
    BugCheckCatalog.Entry entry = BugCheckCatalog.of(bugCheck.plainCode());
    out.line(entry.name() + " (" + Long.toHexString(bugCheck.plainCode()) + ")");
    wrapped(entry.text()).forEach(out::line);
    out.line("Arguments:");
    for (int i = 1; i <= 4; i++) {
      String meaning = entry.arguments().get(i - 1);
      if (i == 1 && bugCheck.plainCode() == TRAP) {
        meaning = BugCheckCatalog.trapName(bugCheck.parameter(1));
      }
      String value = Hex.plain(arch, bugCheck.parameter(i));
      out.line("Arg" + i + ": " + value + (meaning.isEmpty() ? "" : ", " + meaning));
    }
  }

  private static List<String> wrapped(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    if (!line.isEmpty()) {
      lines.add(line.toString());
    }
    return lines;
  }

  @Override
  public void json(JsonOut out) {
    BugCheckCatalog.Entry entry = BugCheckCatalog.of(bugCheck.plainCode());
    out.address("code", bugCheck.plainCode()).text("name", entry.name());
    out.optional("meaning", entry.text());
    for (int i = 1; i <= 4; i++) {
      out.address("parameter" + i, bugCheck.parameter(i));
    }
  }
}
