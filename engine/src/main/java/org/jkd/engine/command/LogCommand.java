// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code .logopen .logappend .logclose .logfile}: a copy of all answers in a file. */
final class LogCommand extends Command {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd_HH-mm-ss-SSS", Locale.ROOT);

  @Override
  public Result run(Arguments arguments, Session session) {
    LogFile log = session.log();
    return switch (arguments.name()) {
      case ".logclose" -> close(session, arguments);
      case ".logfile" -> state(log, arguments);
      default -> open(log, arguments, session);
    };
  }

  private static Result state(LogFile log, Arguments arguments) {
    arguments.end();
    if (!log.isOpen()) {
      return Lines.of("No log file open");
    }
    return Lines.of("Log '" + log.name() + "' open" + (log.isAppending() ? " (append)" : ""));
  }

  private static Result close(Session session, Arguments arguments) {
    arguments.end();
    LogFile log = session.log();
    if (!log.isOpen()) {
      return Lines.of("No log file open");
    }
    String line = "Closing open log file " + log.name();
    session.logLine(line);
    shut(log);
    return Lines.of(line);
  }

  private static void shut(LogFile log) {
    try {
      log.close();
    } catch (IOException e) {
      throw new CommandException("The log file could not be written: " + e.getMessage());
    }
  }

  private static Result open(LogFile log, Arguments arguments, Session session) {
    boolean stamped = false;
    boolean unicode = false;
    boolean automatic = false;
    while (arguments.peek() == '/') {
      if (arguments.eatWord("/t")) {
        stamped = true;
      } else if (arguments.eatWord("/u")) {
        unicode = true;
      } else if (arguments.eatWord("/d")) {
        automatic = true;
      } else {
        break; // a file's name
      }
    }
    String name = arguments.rest();
    if (name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"")) {
      name = name.substring(1, name.length() - 1);
    }
    if (automatic && name.isEmpty()) {
      name = session.kernelMode() ? "dbgeng-kernel.log" : "dbgeng-user.log";
    }
    if (name.isEmpty()) {
      name = "dbgeng.log";
    }
    List<String> lines = new ArrayList<>();
    if (log.isOpen()) {
      lines.add("Closing open log file " + log.name());
      shut(log);
    }
    try {
      Path file = Path.of(stamped ? stamped(name) : name);
      log.open(session.host(), file, arguments.name().equals(".logappend"), unicode);
    } catch (IOException | InvalidPathException e) {
      throw new CommandException("The log file '" + name + "' could not be opened");
    }
    lines.add("Opened log file '" + log.name() + "'");
    return new Lines(lines);
  }

  /** {@code name_PID_date_time.ext}, the process number in hexadecimal. */
  private static String stamped(String name) {
    String id = String.format(Locale.ROOT, "%04X", ProcessHandle.current().pid());
    String stamp = "_" + id + "_" + STAMP.format(LocalDateTime.now(ZoneOffset.UTC));
    int dot = name.lastIndexOf('.');
    boolean hasExtension = dot > Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\'));
    return hasExtension ? name.substring(0, dot) + stamp + name.substring(dot) : name + stamp;
  }
}
