// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Locale;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.stack.rebuild.WordNote;

/** The words of a stack with what each of them is. */
record StackReconWords(Arch arch, List<WordNote> words) implements Result {
  @Override
  public void text(TextOut out) {
    for (WordNote word : words) {
      String value =
          word.value().isPresent()
              ? Hex.address(arch, word.value().getAsLong())
              : arch == Arch.X86 ? "????????" : "????????`????????";
      out.line(Hex.address(arch, word.address()) + "  " + value + "  " + word.text());
    }
  }

  @Override
  public void json(JsonOut out) {
    out.objects(
        "words",
        words,
        (o, w) -> {
          o.address("address", w.address());
          if (w.value().isPresent()) {
            o.address("value", w.value().getAsLong());
          }
          o.text("kind", w.kind().name().toLowerCase(Locale.ROOT));
          if (w.frame().isPresent()) {
            o.number("frame", w.frame().getAsInt());
          }
          o.text("text", w.text());
        });
  }
}
