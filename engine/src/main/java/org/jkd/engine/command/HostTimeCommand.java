// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jkd.engine.render.CTime;

/** {@code .echotime}: the time at which the debugger runs, so that a log tells when it was made. */
final class HostTimeCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.end();
    LocalDateTime now = LocalDateTime.ofInstant(Instant.now(), ZoneOffset.UTC);
    return Lines.of("Debugger (not debuggee) time: " + CTime.text(now) + " (UTC)");
  }
}
