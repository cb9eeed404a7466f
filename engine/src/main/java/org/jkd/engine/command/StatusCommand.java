// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Locale;
import org.jkd.dump.ExceptionRecord;
import org.jkd.dump.mini.MiniThread;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.target.LoadedModule;
import org.jkd.target.UserTarget;

/**
 * {@code ||}: the dump that is open; {@code |}: the process of a user-mode dump, which kernel dumps
 * refuse as kd does; {@code .lastevent}: the exception that the dump tells of. The words are from
 * general knowledge of kd.
 */
final class StatusCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    return switch (arguments.name()) {
      case "||" -> {
        arguments.end();
        yield Lines.of(".  0 " + dump(session) + ": " + session.debuggee().file());
      }
      case "|" -> process(arguments, session);
      default -> {
        arguments.end();
        yield lastEvent(session);
      }
    };
  }

  private static String dump(Session session) {
    if (session.debuggee().kernel().isEmpty()) {
      return session.target() instanceof UserTarget ? "User mini dump" : "Image";
    }
    String kind = session.kernel().dump().kind().toLowerCase(Locale.ROOT);
    String sort =
        kind.startsWith("mini")
            ? "triage"
            : kind.contains("bitmap") ? "bitmap" : kind.contains("summary") ? "summary" : "full";
    return session.arch().pointerSize() * 8 + "-bit Kernel " + sort + " dump";
  }

  private static Result process(Arguments arguments, Session session) {
    if (!(session.target() instanceof UserTarget user)) {
      throw arguments.error(Kind.SYNTAX);
    }
    boolean one = arguments.eat(".") || arguments.eat("#") || arguments.eat("*");
    boolean first = !one && arguments.eat("0");
    first &= arguments.eat("s");
    arguments.end();
    if (first) {
      return Lines.NONE;
    }
    long id = user.dump().misc().processId().orElse(0);
    String name = user.modules().stream().findFirst().map(LoadedModule::imagePath).orElse("");
    return Lines.of(".  0\tid: " + Long.toHexString(id) + "\texamine\tname: " + name);
  }

  private static Result lastEvent(Session session) {
    ExceptionRecord record =
        ExceptionCommand.ofTarget(session)
            .orElseThrow(() -> new CommandException("The dump holds no exception record"));
    String words = ExceptionCommand.words(record.code());
    String where = "";
    if (session.target() instanceof UserTarget user) {
      long thread = user.firstThread().map(MiniThread::id).orElse(0L);
      where =
          Long.toHexString(user.dump().misc().processId().orElse(0))
              + "."
              + Long.toHexString(thread)
              + ": ";
    }
    return Lines.of(
        "Last event: "
            + where
            + (words.isEmpty() ? "Unknown exception" : words)
            + " - code "
            + Hex.pad(record.code(), 8)
            + " (first/second chance not available)");
  }
}
