// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Interpreter;
import org.jkd.engine.command.LocalHost;
import org.jkd.engine.command.Session;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.engine.redact.Redaction;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.symbols.store.StoreSettings;
import org.jkd.target.KernelTarget;
import org.jspecify.annotations.Nullable;

/** One run on one dump: the commands of the command line first, then what is typed or piped. */
final class DebugRun {
  private final Console console;
  private final DebugOptions options;
  private final Map<String, String> environment;

  DebugRun(Console console, DebugOptions options, Map<String, String> environment) {
    this.console = console;
    this.options = options;
    this.environment = environment;
  }

  int run() throws IOException {
    options.checkFiles();
    Debuggee debuggee = open(options.dump(), places());
    try (Output output = new Output(console, options.log())) {
      Session session = new Session(debuggee, new LocalHost(options.shell()));
      session.setJson(options.json());
      if (options.redact()) {
        session.redact(redaction(options.dump()));
      }
      Interpreter interpreter = new Interpreter(session, output);
      boolean quiet = !options.steps().isEmpty() || !console.isTerminal();
      if (!quiet) {
        for (String line : new Banner(session).text()) {
          output.line(session.redacted(line));
        }
      }
      if (debuggee.target() instanceof KernelTarget kernel) {
        for (String note : kernel.notes()) {
          console.notice("jkd: " + session.redacted(note));
        }
      }
      if (runSteps(interpreter, output)) {
        read(interpreter, session, output);
      }
      return interpreter.anyFailed() ? ExitCode.COMMAND_FAILED : ExitCode.DONE;
    }
  }

  /** What takes the names out that a dump gives away. */
  static Redaction redaction(Path dump) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return Redaction.of(Bytes.map(dump, arena)).hiding(List.of(dump.toString()));
    }
  }

  private SymbolPlaces places() {
    return SymbolPlaces.of(
        options.symbolPath(), options.imagePath(), new Settings(console, environment, options));
  }

  /** How servers are asked, found out when there is something to ask. */
  private record Settings(Console console, Map<String, String> environment, DebugOptions options)
      implements Supplier<StoreSettings> {
    @Override
    public StoreSettings get() {
      return DownloadLine.settings(console, environment, options.offline(), options.redact());
    }
  }

  /** Opens a dump; whatever is wrong with the file is told in one line. */
  static Debuggee open(Path dump, SymbolPlaces places) {
    try {
      return Debuggee.open(dump, places);
    } catch (IOException e) {
      String why = Files.isDirectory(dump) ? "is a folder" : "cannot be read (" + reason(e) + ")";
      throw new FormatException(dump.toString(), -1, why);
    } catch (FormatException e) {
      throw e;
    } catch (RuntimeException e) {
      // A defect of jkd, which no file may show as a stack trace.
      throw new FormatException(dump.toString(), -1, "cannot be read, internal error: " + e);
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** Runs what the command line gives; false after {@code q}. */
  private boolean runSteps(Interpreter interpreter, Output output) throws IOException {
    for (DebugOptions.Step step : options.steps()) {
      List<String> lines =
          switch (step) {
            case DebugOptions.Commands c -> c.text().lines().toList();
            case DebugOptions.Script s -> script(s.file());
          };
      for (String line : lines) {
        if (!interpreter.run(line)) {
          return false;
        }
        output.flush();
      }
    }
    return true;
  }

  private static List<String> script(Path file) throws IOException {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (MalformedInputException e) {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    }
  }

  /** Reads commands until {@code q} or the end; at a terminal an empty line repeats the last. */
  private void read(Interpreter interpreter, Session session, Output output) throws IOException {
    if (console.isTerminal()) {
      // The editor takes longer to load than the dump; it then draws its own prompt over this one.
      console.print(session.prompt());
      console.flush();
    }
    try (LineReader reader =
        console.isTerminal()
            ? TerminalReader.system(console, session, environment, options.colours())
            : LineReader.piped(console.in())) {
      output.showThrough(reader.screen(console.out()));
      session.setClear(reader::clear);
      read(reader, interpreter, session, output);
    }
  }

  private void read(LineReader reader, Interpreter interpreter, Session session, Output output)
      throws IOException {
    String last = "";
    while (true) {
      output.flush();
      @Nullable String line = reader.read(session.prompt());
      if (line == null) {
        return;
      }
      if (line.isBlank() && console.isTerminal()) {
        line = last;
      }
      last = repeatable(line);
      output.logInput(session.redacted(session.prompt() + line));
      String commands = line;
      if (!reader.run(() -> interpreter.run(commands))) {
        return;
      }
    }
  }

  /** What an empty line repeats: displays go on behind what they showed, so without addresses. */
  private static String repeatable(String line) {
    String trimmed = line.strip();
    int blank = trimmed.indexOf(' ');
    if (blank < 0 || trimmed.indexOf(';') >= 0) {
      return trimmed;
    }
    String name = trimmed.substring(0, blank);
    return goesOn(name) ? name : trimmed;
  }

  /** True for displays of memory and code, and for the search in code. */
  private static boolean goesOn(String name) {
    return switch (name) {
      case "#", "u", "ub", "uu" -> true;
      case "d", "da", "db", "dc", "dd", "dD", "df", "dp", "dq", "du", "dw", "dW" -> true;
      case "ds", "dS", "dyb", "dyd" -> true;
      case "dps", "dds", "dqs", "dpS", "ddS", "dqS", "dpp", "ddp", "dqp" -> true;
      case "dpa", "dpu", "dda", "ddu", "dqa", "dqu" -> true;
      default -> false;
    };
  }
}
