// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jkd.engine.command.Session;
import org.jkd.image.CancelledException;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader.Option;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp.Capability;
import org.jspecify.annotations.Nullable;

/**
 * A person at a terminal: lines with editing, history and completion; Ctrl-C; a pager. This class
 * and the library behind it are loaded at a terminal only: they cost 200 ms.
 */
final class TerminalReader implements LineReader {
  private static final String MORE = "-- more: Space page, Enter line, g to the end, q quit --";

  private final Console console;
  private final Session session;
  private final Terminal terminal;
  private final org.jline.reader.LineReader editor;
  private final boolean colours;
  private final Thread thread = Thread.currentThread();
  private boolean running;
  private int linesLeft;
  private boolean isFirst = true;

  private TerminalReader(
      Console console,
      Session session,
      Terminal terminal,
      Map<String, String> environment,
      boolean colours) {
    this.console = console;
    this.session = session;
    this.terminal = terminal;
    if (terminal.getSize().getColumns() <= 0 || terminal.getSize().getRows() <= 0) {
      // Serial lines and scripts that drive a terminal often name no size.
      terminal.setSize(Size.of(80, 24));
    }
    this.colours = colours && !isDumb();
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("jkd")
            .parser(new KdParser(session))
            .completer(new KdCompleter())
            .option(Option.DISABLE_EVENT_EXPANSION, true)
            .option(Option.CASE_INSENSITIVE, true)
            .option(Option.HISTORY_IGNORE_SPACE, false)
            .option(Option.HISTORY_TIMESTAMPED, false)
            .option(Option.AUTO_PARAM_SLASH, false);
    HistoryFile.find(environment)
        .ifPresent(f -> builder.variable(org.jline.reader.LineReader.HISTORY_FILE, f));
    this.editor = builder.build();
    terminal.handle(Terminal.Signal.INT, signal -> interrupt());
    title("jkd - " + fileName(session.debuggee().file()));
  }

  /** A reader at the terminal that the program was started from. */
  static TerminalReader system(
      Console console, Session session, Map<String, String> environment, boolean colours)
      throws IOException {
    // Asking the terminal whether it joins letters costs a round trip, and names of symbols have
    // none to join. One way to the terminal is enough: each further one costs its loading.
    Terminal terminal =
        TerminalBuilder.builder()
            .system(true)
            .dumb(true)
            .jni(false)
            .exec(false)
            .graphemeCluster(false)
            .nativeSignals(true)
            .build();
    return new TerminalReader(console, session, terminal, environment, colours);
  }

  /**
   * Reads one line from a terminal that is made up, so that a class cache which is being recorded
   * holds what a real one needs.
   */
  static void rehearse(Console console, Session session) throws IOException {
    InputStream keys = new ByteArrayInputStream("k\r".getBytes(StandardCharsets.UTF_8));
    Terminal terminal =
        TerminalBuilder.builder()
            .system(false)
            .streams(keys, OutputStream.nullOutputStream())
            .type("xterm-256color")
            .size(Size.of(80, 24))
            .jni(false)
            .exec(false)
            .graphemeCluster(false)
            .build();
    try (TerminalReader reader =
        new TerminalReader(console, session, terminal, Map.of("JKD_HISTORY", ""), true)) {
      reader.read(session.prompt());
    }
  }

  private static String fileName(Path file) {
    Path name = file.getFileName();
    return name == null ? file.toString() : name.toString();
  }

  private boolean isDumb() {
    return terminal.getType().startsWith(Terminal.TYPE_DUMB);
  }

  /** Names the window, on terminals that have one. */
  private void title(String text) {
    String type = terminal.getType();
    if (type.startsWith("xterm") || type.startsWith("screen") || type.startsWith("tmux")) {
      terminal.writer().print("\033]0;" + text.replaceAll("\\p{Cntrl}", "?") + "\007");
      terminal.flush();
    }
  }

  /** On the thread that signals come on; never interrupts what runs after the commands. */
  private synchronized void interrupt() {
    if (running) {
      thread.interrupt();
    }
  }

  @Override
  public @Nullable String read(String prompt) throws IOException {
    if (isFirst) {
      isFirst = false;
      terminal.writer().print('\r');
    }
    while (true) {
      try {
        return editor.readLine(colours ? "\033[1m" + prompt + "\033[0m" : prompt);
      } catch (UserInterruptException e) {
        // Ctrl-C drops the line, not the session; unlike an empty line, it repeats nothing.
        console.flush();
      } catch (EndOfFileException e) {
        return null;
      }
    }
  }

  @Override
  public boolean run(BooleanSupplier commands) {
    linesLeft = terminal.getSize().getRows() - 1;
    setRunning(true);
    try {
      return commands.getAsBoolean();
    } finally {
      setRunning(false);
    }
  }

  private synchronized void setRunning(boolean on) {
    running = on;
    Thread.interrupted(); // a Ctrl-C that came too late for the commands, or too early
  }

  @Override
  public void clear() {
    try {
      console.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!isDumb()) {
      terminal.puts(Capability.clear_screen);
      terminal.flush();
      linesLeft = terminal.getSize().getRows() - 1;
    }
  }

  @Override
  public Appendable screen(Appendable plain) {
    UnaryOperator<String> paint = colours ? Colours::paint : UnaryOperator.identity();
    return new Screen(plain, paint, this::beforeLine);
  }

  /** Stops when the next line would push the first of this page off the screen. */
  private void beforeLine(String line) throws IOException {
    int width = terminal.getSize().getColumns();
    if (!session.paging() || !running || width <= 0 || isDumb()) {
      return;
    }
    int rows = 1 + Math.max(0, line.length() - 1) / width;
    if (linesLeft < rows) {
      more();
    }
    linesLeft -= rows;
  }

  private void more() throws IOException {
    console.flush();
    Attributes before = terminal.enterRawMode();
    terminal.writer().print(colours ? "\033[7m" + MORE + "\033[0m" : MORE);
    terminal.flush();
    try {
      linesLeft = forKey();
    } catch (InterruptedIOException e) {
      throw new CancelledException();
    } finally {
      terminal.setAttributes(before);
      terminal.writer().print('\r');
      terminal.puts(Capability.clr_eol);
      terminal.flush();
    }
  }

  private int forKey() throws IOException {
    while (true) {
      switch (terminal.reader().read()) {
        case ' ', 'f' -> {
          return terminal.getSize().getRows() - 1;
        }
        case '\r', '\n', 'j' -> {
          return 1;
        }
        case 'g', 'G' -> {
          return Integer.MAX_VALUE;
        }
        case 'q', 'Q', 3, -1, -2 -> {
          linesLeft = Integer.MAX_VALUE; // what is said about the end shall not stop again
          throw new CancelledException();
        }
        default -> {
          // Another key: nothing happens, as in other pagers.
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    title("");
    terminal.close();
  }
}
