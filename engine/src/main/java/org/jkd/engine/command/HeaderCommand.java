// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.image.FormatException;
import org.jkd.pe.PeImage;
import org.jkd.target.LoadedModule;
import org.jspecify.annotations.Nullable;

/** {@code !dh [-f] [-s] [-a] Module|Address}: the headers of an image. */
final class HeaderCommand extends Command {
  /** Headers are no longer than this, whatever an image says. */
  private static final int MAX_HEADERS = 0x10000;

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean file = false;
    boolean sections = false;
    while (arguments.peek() == '-') {
      switch (arguments.word()) {
        case "-f" -> file = true;
        case "-s" -> sections = true;
        case "-a" -> {
          file = true;
          sections = true;
        }
        default -> throw arguments.error(Kind.SYNTAX);
      }
    }
    if (arguments.atEnd()) {
      throw arguments.error(Kind.SYNTAX);
    }
    boolean all = file == sections;
    PeImage image = image(arguments, session);
    int length = (int) Math.min(MAX_HEADERS, Math.max(0x1000, image.sizeOfHeaders()));
    byte[] bytes = new byte[length];
    int got = image.read(0, bytes, 0, length);
    ByteBuffer headers = ByteBuffer.wrap(bytes, 0, got).slice().order(ByteOrder.LITTLE_ENDIAN);
    int start = got >= 0x40 ? headers.getInt(0x3c) : -1;
    if (start < 0 || start + 0x78 > got) {
      throw new CommandException("The headers of " + image.name() + " cannot be read");
    }
    return new ImageHeaders(image, headers, start, all || file, all || sections);
  }

  private static PeImage image(Arguments arguments, Session session) {
    Debuggee debuggee = session.debuggee();
    int at = arguments.position();
    @Nullable LoadedModule module = debuggee.moduleNamed(arguments.word());
    long address = 0;
    if (module == null) {
      arguments.back(at);
      address = arguments.address();
      long wanted = address;
      module =
          debuggee.target().modules().stream()
              .filter(m -> m.base() == wanted)
              .findFirst()
              .orElse(null);
    }
    arguments.end();
    if (module != null) {
      Optional<PeImage> image = debuggee.image(module);
      if (image.isPresent()) {
        return image.get();
      }
      address = module.base();
    }
    String place = Hex.address(session.arch(), address);
    try {
      return PeImage.inMemory(place, session.memory().memory(), address);
    } catch (FormatException e) {
      throw new CommandException("There is no image at " + place + ": " + e.getMessage());
    }
  }
}
