// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/** {@code .kframes}: how many frames a back-trace shows. */
final class FrameCountCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    if (!arguments.atEnd()) {
      long count = arguments.expression();
      arguments.end();
      if (count <= 0 || count > Session.MAX_FRAMES) {
        throw new CommandException("Frame count must be between 1 and 0x10000");
      }
      session.setFrameCount((int) count);
    }
    return new Depth(session.frameCount());
  }

  /** The default depth in frames. */
  record Depth(int frames) implements Result {
    @Override
    public void text(TextOut out) {
      out.line("Default stack trace depth is 0n" + frames + " frames");
    }

    @Override
    public void json(JsonOut out) {
      out.number("frames", frames);
    }
  }
}
