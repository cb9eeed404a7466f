// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.render.Hex;
import org.jkd.image.MemoryReader;

/**
 * {@code ds dS [Address]}: the text of a STRING or UNICODE_STRING, which is as long as the
 * structure says: two lengths of 16 bits and a pointer (ntdef.h).
 */
final class CountedStringCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    long at = arguments.atEnd() ? session.bookmarks().nextAddress() : arguments.address();
    arguments.end();
    boolean wide = arguments.name().equals("dS");
    MemoryReader memory = session.memory();
    OptionalLong length = memory.number(at, 2);
    OptionalLong buffer = memory.pointer(session.arch().address(at + memory.pointerSize()));
    if (length.isEmpty() || buffer.isEmpty()) {
      throw new CommandException(
          "Unable to read the string at "
              + Hex.address(session.arch(), at)
              + ": "
              + memory.memory().whyUnreadable(at).text());
    }
    session.bookmarks().setNextAddress(at + 2L * memory.pointerSize());
    int bytes = (int) length.getAsLong();
    Optional<byte[]> text =
        bytes == 0 ? Optional.of(new byte[0]) : memory.bytes(buffer.getAsLong(), bytes);
    String value =
        text.map(b -> new String(b, wide ? StandardCharsets.UTF_16LE : StandardCharsets.ISO_8859_1))
            .orElse("")
            .replaceAll("\\p{Cntrl}", ".");
    return new MemoryText(buffer.getAsLong(), wide ? 2 : 1, value, text.isPresent());
  }
}
